// puente-demo: the example services and the proxy in one process, ready for curl.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "config/load_config.h"
#include "examples/demo_client.h"
#include "examples/requests.h"
#include "examples/services/example_server.h"
#include "proxy/app.h"
#include "proxy/telemetry/logging.h"

namespace puente::examples {
namespace {

// Answers are shown up to here; audio is long.
constexpr std::size_t kShownBytes = 600;

// What a team would write for its own service, with the limits that audio needs, and paths for the
// users, who have no annotations.
std::string DemoConfig(const std::string& upstream, const std::string& listen,
                       const std::string& admin) {
  const auto binary = std::filesystem::read_symlink("/proc/self/exe");
  return fmt::format(R"(
listeners: [{{name: rest, address: "{}"}}]
admin: {{address: "{}"}}
descriptors: {{files: ["{}"]}}
upstreams: [{{name: examples, grpc: {{target: "{}"}}}}]
transcoding: {{auto_routes: REST}}
limits: {{max_request_body_bytes: 67108864}}
drain: {{delay: 0s, timeout: 5s}}
telemetry: {{log: {{level: WARN, format: TEXT}}}}
)",
                     listen, admin, (binary.parent_path() / "examples.pb").string(), upstream);
}

std::unique_ptr<App> StartProxy(const std::string& config) {
  LoadResult result = ParseConfig(config, "demo", ProcessEnvironment);
  std::unique_ptr<App> app;
  if (result.ok()) {
    SetUpLogging(result.loaded.config.telemetry().log());
    app = App::Start(std::move(result.loaded), result.problems);
  }
  for (const Problem& problem : result.problems) fmt::print(stderr, "{}\n", ToString(problem));
  return app;
}

bool IsText(const std::string& body) {
  return std::none_of(body.begin(), body.end(), [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
}

void PrintAnswer(const DemoAnswer& answer) {
  fmt::print("  {} {}\n", answer.status, answer.Header("content-type").value_or(""));
  if (!IsText(answer.body)) {
    fmt::print("  ({} bytes)\n", answer.body.size());
  } else if (answer.body.size() > kShownBytes) {
    fmt::print("  {}… ({} bytes)\n", answer.body.substr(0, kShownBytes), answer.body.size());
  } else {
    fmt::print("  {}\n", answer.body);
  }
}

// Sends one request and shows both sides. False when the answer is not right.
bool Try(const DemoRequest& request, std::uint16_t port) {
  fmt::print("\n# {}\n{}\n", request.title, CurlLine(request));
  const auto answer = SendRequest(port, request);
  if (!answer) {
    fmt::print("  FAILED: {}\n", answer.error());
    return false;
  }
  PrintAnswer(*answer);
  const auto wrong = CheckAnswer(request, *answer);
  if (wrong) fmt::print("  WRONG: {}\n", *wrong);
  return !wrong;
}

int SendAll(std::uint16_t port) {
  int failed = 0;
  const auto requests = DemoRequests();
  for (const DemoRequest& request : requests) {
    if (!Try(request, port)) ++failed;
  }
  fmt::print("\n{} passed, {} failed\n", requests.size() - static_cast<std::size_t>(failed),
             failed);
  return failed == 0 ? 0 : 1;
}

void PrintWelcome(const App& app, const ExampleServer& services) {
  fmt::print(
      "Puente serves the example APIs on http://127.0.0.1:{} (gRPC services: {}, admin: "
      "http://127.0.0.1:{}).\n"
      "Try, in another terminal:\n",
      app.port("rest"), services.target(), app.admin_port());
  for (const DemoRequest& request : DemoRequests()) {
    fmt::print("\n# {}\n{}\n", request.title, CurlLine(request));
  }
  fmt::print(
      "\n# What is served, and how it goes\ncurl http://127.0.0.1:{0}/routes\ncurl "
      "http://127.0.0.1:{0}/metrics\n\nCtrl-C ends it.\n",
      app.admin_port());
  std::fflush(stdout);
}

void WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

int Demo(bool once) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  ExampleServer services;
  if (const auto started = services.Start(); !started) {
    fmt::print(stderr, "puente-demo: {}\n", started.error());
    return 1;
  }
  const auto app =
      StartProxy(once ? DemoConfig(services.target(), "127.0.0.1:0", "127.0.0.1:0")
                      : DemoConfig(services.target(), "127.0.0.1:8080", "127.0.0.1:9901"));
  if (!app) return 1;
  if (once) return SendAll(app->port("rest"));
  PrintWelcome(*app, services);
  WaitForSignal(signals);
  app->BeginDrain();
  app->WaitUntilDrained();
  return 0;
}

}  // namespace
}  // namespace puente::examples

int main(int argc, char** argv) {
  CLI::App cli("Puente with example services: REST on 127.0.0.1:8080, ready for curl.",
               "puente-demo");
  bool once = false;
  cli.add_flag("--once", once,
               "Send the example requests, show the answers, and exit: 0 when all are right");
  CLI11_PARSE(cli, argc, argv);
  return puente::examples::Demo(once);
}
