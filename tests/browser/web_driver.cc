#include "tests/browser/web_driver.h"

#include <google/protobuf/util/json_util.h>

#include <initializer_list>
#include <stdexcept>

#include "tests/support/http_client.h"

namespace puente::test {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageToJsonString;

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  if (!MessageToJsonString(message, &json).ok()) throw std::runtime_error("no JSON form");
  return json;
}

// Quiet, small, and with nothing of its own to ask of the network.
Struct Capabilities(const std::string& profile) {
  Struct options;
  auto& arguments = *(*options.mutable_fields())["args"].mutable_list_value();
  for (const char* argument :
       {"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync"}) {
    arguments.add_values()->set_string_value(argument);
  }
  arguments.add_values()->set_string_value("--user-data-dir=" + profile);
  Struct capabilities;
  auto& always = *(*capabilities.mutable_fields())["capabilities"].mutable_struct_value();
  auto& match = *(*always.mutable_fields())["alwaysMatch"].mutable_struct_value();
  *(*match.mutable_fields())["goog:chromeOptions"].mutable_struct_value() = options;
  return capabilities;
}

Struct Strings(std::initializer_list<std::pair<std::string, std::string>> members) {
  Struct parameters;
  for (const auto& [name, value] : members) {
    (*parameters.mutable_fields())[name].set_string_value(value);
  }
  return parameters;
}

}  // namespace

WebDriver::WebDriver()
    : driver_("chromedriver", {"--port=0"}),
      port_(driver_.WaitForPort("started successfully on port ")) {
  if (port_ == 0) throw std::runtime_error("chromedriver did not start: " + driver_.Errors());
  const Value session = Command("POST", "/session", Capabilities(profile_.File("profile")));
  session_ = "/session/" + session.struct_value().fields().at("sessionId").string_value();
}

WebDriver::~WebDriver() {
  try {
    Command("DELETE", session_);
  } catch (const std::exception&) {
    // The driver goes with its browser or without it.
  }
}

void WebDriver::Open(const std::string& url) {
  Command("POST", session_ + "/url", Strings({{"url", url}}));
}

std::string WebDriver::Evaluate(const std::string& script) {
  Struct parameters = Strings({{"script", script}});
  (*parameters.mutable_fields())["args"].mutable_list_value();
  const Value value = Command("POST", session_ + "/execute/sync", parameters);
  return value.has_string_value() ? value.string_value() : ToJson(value);
}

Value WebDriver::Command(const std::string& method, const std::string& path,
                         const Struct& parameters) {
  constexpr std::chrono::seconds kPatience{60};  // a browser starts slowly on a busy machine
  auto client = HttpClient::Connect(port_, {.patience = kPatience});
  const std::string body = method == "POST" ? ToJson(parameters) : "";
  const HttpResponse response = client.Request(method, path, {}, body);
  Struct answer;
  const bool parsed = JsonStringToMessage(response.body, &answer).ok();
  if (response.status != 200 || !parsed) {
    throw std::runtime_error(method + " " + path + ": " + response.body);
  }
  return answer.fields().at("value");
}

}  // namespace puente::test
