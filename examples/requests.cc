#include "examples/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "examples/json_subset.h"

namespace puente::examples {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void Append(std::vector<DemoRequest>& all, std::vector<DemoRequest> more) {
  for (auto& request : more) all.push_back(std::move(request));
}

}  // namespace

std::optional<std::string_view> DemoAnswer::Header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& h) { return SameName(h.first, name); });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::vector<DemoRequest> DemoRequests() {
  std::vector<DemoRequest> all = BillingRequests();
  Append(all, AuthRequests());
  Append(all, AudioRequests());
  Append(all, StreamRequests());
  return all;
}

std::string CurlLine(const DemoRequest& request, std::string_view base_url) {
  std::string line = "curl -s";
  if (!request.curl_options.empty()) line += " " + request.curl_options;
  const std::string implied = request.body.empty() ? "GET" : "POST";
  if (request.method != implied) line += " -X " + request.method;
  line += fmt::format(" '{}{}'", base_url, request.target);
  for (const auto& [name, value] : request.headers)
    line += fmt::format(" -H '{}: {}'", name, value);
  if (!request.body.empty()) line += fmt::format(" -d '{}'", request.body);
  return line;
}

std::optional<std::string> CheckAnswer(const DemoRequest& request, const DemoAnswer& answer) {
  if (answer.status != request.expected_status) {
    return fmt::format("expected status {}, is {}", request.expected_status, answer.status);
  }
  return request.check(answer);
}

std::function<std::optional<std::string>(const DemoAnswer&)> Says(std::string json) {
  return [json = std::move(json)](const DemoAnswer& answer) -> std::optional<std::string> {
    const auto type = answer.Header("content-type");
    if (!type || !type->starts_with("application/json")) return "the answer's type is not JSON";
    return FindJsonDifference(json, answer.body);
  };
}

DemoRequest JsonRequest(std::string title, std::string target, std::string body,
                        std::string expected_json) {
  return {.title = std::move(title),
          .method = "POST",
          .target = std::move(target),
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body),
          .check = Says(std::move(expected_json))};
}

DemoRequest GetRequest(std::string title, std::string target, std::string expected_json) {
  return {.title = std::move(title),
          .method = "GET",
          .target = std::move(target),
          .check = Says(std::move(expected_json))};
}

DemoRequest ExpectStatus(int status, DemoRequest request) {
  request.expected_status = status;
  request.curl_options = "-i";
  return request;
}

}  // namespace puente::examples
