#include "proxy/command_line.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "config/defaults.h"
#include "config/load_config.h"
#include "proxy/app.h"
#include "proxy/diff_command.h"
#include "proxy/exit_code.h"
#include "proxy/explain_command.h"
#include "proxy/route_listing.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/logging.h"
#include "proxy/version.h"

namespace puente {
namespace {

// What the options of all commands fill.
struct Arguments {
  std::string config;
  std::vector<std::string> descriptors;
  std::string upstream;
  std::string reflect;
  std::string listen = "127.0.0.1:8080";
  std::string admin;
  bool json = false;
  ExplainArguments explain;
  std::string before, after;  // of diff
};

int Report(std::vector<Problem> problems) {
  SortByPosition(problems);
  for (const Problem& problem : problems) fmt::print(stderr, "{}\n", ToString(problem));
  fmt::print(stderr, "puente: {} {} found\n", problems.size(),
             problems.size() == 1 ? "problem" : "problems");
  return kRefused;
}

// What `run --descriptors … --upstream …` and `run --reflect …` stand for.
LoadResult FromOptions(const Arguments& arguments) {
  config::Config config = DefaultConfig();
  auto* listener = config.add_listeners();
  listener->set_name("rest");
  listener->set_address(arguments.listen);
  if (!arguments.admin.empty()) config.mutable_admin()->set_address(arguments.admin);
  for (const std::string& file : arguments.descriptors)
    config.mutable_descriptors()->add_files(file);
  auto* upstream = config.add_upstreams();
  upstream->set_name("upstream");
  upstream->mutable_grpc()->set_target(arguments.upstream);
  if (!arguments.reflect.empty()) {
    upstream->mutable_grpc()->set_target(arguments.reflect);
    config.mutable_descriptors()->add_reflection()->set_upstream(upstream->name());
  }
  return CompleteConfig(std::move(config), "command line");
}

LoadResult Load(const Arguments& arguments) {
  return arguments.config.empty() ? FromOptions(arguments) : LoadConfigFile(arguments.config);
}

// Waits for SIGTERM or SIGINT, begins the drain, and leaves at once on a second one. Reloads on
// SIGHUP.
class SignalThread {
 public:
  // The signals are blocked in this thread and in those that it starts from now on.
  SignalThread() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }

  // `app` gets signals until LetGo.
  void Serve(App& app) {
    target_->app = &app;
    std::thread([signals = signals_, target = target_] {
      WaitForEnd(signals, *target);
      target->Tell(&App::BeginDrain);
      const int signal = WaitForEnd(signals, *target);
      spdlog::warn("leaving at once");
      std::_Exit(128 + signal);
    }).detach();
  }

  // The thread goes on, for a second SIGTERM, but without the app, which is about to end.
  void LetGo() {
    const std::lock_guard lock(target_->mutex);
    target_->app = nullptr;
  }

 private:
  struct Target {
    std::mutex mutex;
    App* app = nullptr;

    template <class... Parameters, class... Arguments>
    void Tell(void (App::*what)(Parameters...), Arguments&&... arguments) {
      const std::lock_guard lock(mutex);
      if (app != nullptr) (app->*what)(std::forward<Arguments>(arguments)...);
    }
  };

  // Returns SIGTERM or SIGINT.
  static int WaitForEnd(const sigset_t& signals, Target& target) {
    int signal = SIGHUP;
    while (signal == SIGHUP) {
      sigwait(&signals, &signal);
      if (signal == SIGHUP) target.Tell(&App::Reload, "SIGHUP");
    }
    spdlog::info("received {}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    return signal;
  }

  const std::shared_ptr<Target> target_ = std::make_shared<Target>();
  sigset_t signals_;
};

// Ends the process even if what was cut at the end of the drain does not end.
void EndSoon() {
  static constexpr auto kEndTimeout = std::chrono::seconds(6);
  std::thread([] {
    std::this_thread::sleep_for(kEndTimeout);
    spdlog::error("leaving although not everything that was cut has ended");
    std::_Exit(kOk);
  }).detach();
}

// The soft limit of open files is often 1024, for programs that use select(); connections need
// more.
void RaiseFileLimit(const config::Config& config) {
  // Besides the clients' connections: upstreams, listeners, event loops, logs.
  constexpr rlim_t kOthers = 256;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = config.limits().max_connections() + kOthers;
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < needed) {
    spdlog::warn("limits.max_connections is {}, but only {} files may be open (ulimit -n)",
                 config.limits().max_connections(), limit.rlim_cur);
  }
}

int Run(const Arguments& arguments) {
  const bool of_options =
      !arguments.reflect.empty() || (!arguments.descriptors.empty() && !arguments.upstream.empty());
  if (arguments.config.empty() && !of_options) {
    fmt::print(stderr,
               "puente run: give --config FILE, or --descriptors FILE and --upstream TARGET, or "
               "--reflect TARGET\n");
    return kBadUsage;
  }
  LoadResult result = Load(arguments);
  if (!result.ok()) {
    App::Check(result.loaded, result.problems);
    return Report(std::move(result.problems));
  }
  SetUpLogging(result.loaded.config.telemetry().log());
  RaiseFileLimit(result.loaded.config);
  SignalThread signals;
  ConfigSource source;
  if (!arguments.config.empty()) {
    source = {arguments.config, [file = arguments.config] { return LoadConfigFile(file); }};
  }
  const auto app = App::Start(std::move(result.loaded), result.problems, std::move(source));
  if (!app) return Report(std::move(result.problems));
  signals.Serve(*app);
  app->WaitUntilDrained();
  signals.LetGo();
  EndSoon();
  return kOk;
}

int Check(const Arguments& arguments) {
  LoadResult result = Load(arguments);
  const auto snapshot = App::Check(result.loaded, result.problems);
  if (!snapshot) return Report(std::move(result.problems));
  fmt::print("{}", RoutesAsText(snapshot->table(), result.loaded.config));
  return kOk;
}

// For the commands that only look at the API.
LoadResult LoadApi(const Arguments& arguments) {
  if (!arguments.config.empty()) return LoadConfigFile(arguments.config);
  LoadResult result;
  result.loaded.config = DefaultConfig();
  for (const std::string& file : arguments.descriptors) {
    result.loaded.config.mutable_descriptors()->add_files(file);
  }
  return result;
}

int Routes(const Arguments& arguments) {
  LoadResult result = LoadApi(arguments);
  std::shared_ptr<const DescriptorSet> descriptors;
  const auto table = BuildRouteTable(result.loaded, descriptors, result.problems);
  if (!result.ok() || !table) return Report(std::move(result.problems));
  const config::Config& config = result.loaded.config;
  fmt::print("{}", arguments.json ? RoutesAsJson(*table, config) : RoutesAsText(*table, config));
  return kOk;
}

int Explain(const Arguments& arguments) {
  LoadResult result = LoadApi(arguments);
  ExplainArguments explain = arguments.explain;
  explain.json = arguments.json;
  const int exit_code = ExplainRequest(result.loaded, explain, result.problems);
  return result.ok() ? exit_code : Report(std::move(result.problems));
}

CLI::App* AddRun(CLI::App& cli, Arguments& arguments) {
  auto* run = cli.add_subcommand("run", "Serve, until SIGTERM or SIGINT");
  auto* config = run->add_option("-c,--config", arguments.config, "Configuration file");
  auto* descriptors = run->add_option("-d,--descriptors", arguments.descriptors,
                                      "FileDescriptorSet, in place of --config; may be repeated");
  auto* upstream = run->add_option("-u,--upstream", arguments.upstream,
                                   "gRPC target, for example 127.0.0.1:50051");
  auto* reflect =
      run->add_option("-r,--reflect", arguments.reflect,
                      "gRPC target that is asked for its descriptors by server reflection");
  auto* listen = run->add_option("--listen", arguments.listen, "Address for REST clients")
                     ->capture_default_str();
  auto* admin = run->add_option("--admin", arguments.admin,
                                "Address for health and metrics [127.0.0.1:9901]");
  for (auto* option : {descriptors, upstream, reflect, listen, admin}) config->excludes(option);
  for (auto* option : {descriptors, upstream}) reflect->excludes(option);
  return run;
}

CLI::App* AddCheck(CLI::App& cli, Arguments& arguments) {
  auto* check = cli.add_subcommand(
      "check", "Validate a configuration and all that it names; print the route table");
  check->add_option("-c,--config", arguments.config, "Configuration file")->required();
  return check;
}

// A command that looks at the API of --config or --descriptors.
CLI::App* AddApiCommand(CLI::App& cli, Arguments& arguments, const char* name, const char* about) {
  auto* command = cli.add_subcommand(name, about);
  auto* config = command->add_option("-c,--config", arguments.config, "Configuration file");
  auto* descriptors = command->add_option("-d,--descriptors", arguments.descriptors,
                                          "FileDescriptorSet; may be repeated");
  config->excludes(descriptors);
  command->add_flag("--json", arguments.json, "As JSON");
  return command;
}

CLI::App* AddExplain(CLI::App& cli, Arguments& arguments) {
  auto* explain = AddApiCommand(cli, arguments, "explain",
                                "Print which rule a request matches and what binds where, or why "
                                "it is refused");
  explain->get_option("--descriptors")->allow_extra_args(false);
  ExplainArguments& request = arguments.explain;
  explain->add_option("METHOD", request.http_method, "HTTP method")->required();
  explain->add_option("TARGET", request.target, "Path and query")->required();
  explain->add_option("-H,--header", request.headers, "\"name: value\"; may be repeated")
      ->allow_extra_args(false);
  explain->add_option("-b,--body", request.body, "The body, or @FILE");
  return explain;
}

CLI::App* AddDiff(CLI::App& cli, Arguments& arguments) {
  auto* diff = cli.add_subcommand(
      "diff", "Print what changed between two FileDescriptorSets; exit 1 if a change is breaking");
  diff->add_option("OLD", arguments.before, "FileDescriptorSet")->required();
  diff->add_option("NEW", arguments.after, "FileDescriptorSet")->required();
  diff->add_flag("--json", arguments.json, "As JSON");
  return diff;
}

int NeedsApi(const char* command) {
  fmt::print(stderr, "puente {}: give --config FILE or --descriptors FILE\n", command);
  return kBadUsage;
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  SetUpLogging(DefaultConfig().telemetry().log());
  CLI::App cli("Puente: REST/JSON clients on one side, gRPC services on the other.", "puente");
  cli.set_version_flag("--version", fmt::format("puente {}", kVersion));
  cli.require_subcommand(0, 1);
  Arguments arguments;
  const auto* run = AddRun(cli, arguments);
  const auto* check = AddCheck(cli, arguments);
  const auto* routes = AddApiCommand(cli, arguments, "routes", "Print the route table");
  const auto* explain = AddExplain(cli, arguments);
  const auto* diff = AddDiff(cli, arguments);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kOk : kBadUsage;
  }
  const bool has_api = !arguments.config.empty() || !arguments.descriptors.empty();
  if (*run) return Run(arguments);
  if (*check) return Check(arguments);
  if (*routes) return has_api ? Routes(arguments) : NeedsApi("routes");
  if (*explain) return has_api ? Explain(arguments) : NeedsApi("explain");
  if (*diff) return DiffFiles(arguments.before, arguments.after, arguments.json);
  fmt::print(stderr,
             "puente: give a command: run, check, routes, explain or diff (see puente --help)\n");
  return kBadUsage;
}

}  // namespace puente
