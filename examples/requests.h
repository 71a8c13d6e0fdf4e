// Requests to try on the example APIs, each with the curl line that sends it and a check of what
// comes back. The README prints these lines, and the demo sends them itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace puente::examples {

using DemoHeaders = std::vector<std::pair<std::string, std::string>>;

struct DemoAnswer {
  int status = 0;
  DemoHeaders headers;  // names in any case
  std::string body;     // whole, without chunks

  // The value of the first header called `name`, in any case; nullopt when there is none.
  std::optional<std::string_view> Header(std::string_view name) const;
};

struct DemoRequest {
  std::string title;  // "Get an invoice"
  std::string method;
  std::string target;  // path and query
  DemoHeaders headers;
  std::string body;
  std::string curl_options;  // "-i", where the head of the answer is what matters
  int expected_status = 200;
  // What is wrong with an answer of the expected status; nullopt when it is right.
  std::function<std::optional<std::string>(const DemoAnswer&)> check;
};

// All of them, in an order that tells a story. They may be sent any number of times, in any order:
// no answer depends on another request.
std::vector<DemoRequest> DemoRequests();
std::vector<DemoRequest> BillingRequests();
std::vector<DemoRequest> AuthRequests();  // users included
std::vector<DemoRequest> AudioRequests();
std::vector<DemoRequest> StreamRequests();

// The line that sends `request` with curl to `base_url`. What is printed in the README is this with
// the default.
std::string CurlLine(const DemoRequest& request,
                     std::string_view base_url = "http://127.0.0.1:8080");

// What is wrong with `answer`; nullopt when it is right, status and all.
std::optional<std::string> CheckAnswer(const DemoRequest& request, const DemoAnswer& answer);

// A check: the body is JSON that says at least `json` (see json_subset.h).
std::function<std::optional<std::string>(const DemoAnswer&)> Says(std::string json);

// A request with a JSON body.
DemoRequest JsonRequest(std::string title, std::string target, std::string body,
                        std::string expected_json);
// A GET request.
DemoRequest GetRequest(std::string title, std::string target, std::string expected_json);
// `request` with another expected status; curl shows the head of the answer.
DemoRequest ExpectStatus(int status, DemoRequest request);

}  // namespace puente::examples
