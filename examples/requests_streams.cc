#include <algorithm>

#include "examples/requests.h"

namespace puente::examples {
namespace {

constexpr char kTranscript[] = "/v1/recordings/rec-1/transcript";
constexpr char kFirstChunk[] = R"({"sequence": 1, "data": "cHVlbnRl"})";
constexpr char kSecondChunk[] = R"({"sequence": 2, "data": "YnJpZGdl"})";
constexpr long kSegments = 12;

using Check = std::function<std::optional<std::string>(const DemoAnswer&)>;

// The body is of this type and holds `count` lines that begin with `start`.
Check HasLines(std::string type, long count, std::string start) {
  return [=](const DemoAnswer& answer) -> std::optional<std::string> {
    if (answer.Header("content-type") != type) return "the answer's type is not " + type;
    long found = 0;
    std::string_view rest = answer.body;
    while (!rest.empty()) {
      found += rest.starts_with(start) ? 1 : 0;
      rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    }
    if (found == count) return std::nullopt;
    return "expected " + std::to_string(count) + " messages, there are " + std::to_string(found);
  };
}

DemoRequest Accepting(std::string title, std::string type, std::string line_start) {
  return {.title = std::move(title),
          .method = "GET",
          .target = kTranscript,
          .headers = {{"Accept", type}},
          .curl_options = "-N",
          .check = HasLines(type, kSegments, std::move(line_start))};
}

DemoRequest BothDirections() {
  return {.title = "Both directions at once, a line for each message",
          .method = "POST",
          .target = "/v1/audio:stream",
          .headers = {{"Content-Type", "application/x-ndjson"}, {"Accept", "application/x-ndjson"}},
          .body = std::string(kFirstChunk) + "\n" + kSecondChunk,
          .curl_options = "-N",
          .check = HasLines("application/x-ndjson", 2, "{\"sequence\":")};
}

DemoRequest BadElement() {
  auto request = JsonRequest("A client stream with a bad message: the error says which",
                             "/v1/sessions/s-1/audio",
                             std::string("[") + kFirstChunk + R"(, {"sequence": -1}])", "{}");
  request.check = [](const DemoAnswer& answer) -> std::optional<std::string> {
    if (answer.body.find("message 2: sequence") != std::string::npos) return std::nullopt;
    return "the error does not name message 2";
  };
  return ExpectStatus(400, std::move(request));
}

DemoRequest Page() {
  return {.title = "A page of the service: open it in a browser for EventSource and WebSocket",
          .method = "GET",
          .target = "/pages/streams",
          .check = [](const DemoAnswer& answer) -> std::optional<std::string> {
            if (answer.Header("content-type") == "text/html; charset=utf-8") return std::nullopt;
            return "the answer's type is not HTML";
          }};
}

}  // namespace

std::vector<DemoRequest> StreamRequests() {
  return {
      Accepting("A server stream as lines of JSON", "application/x-ndjson", "{"),
      Accepting("A server stream as server-sent events", "text/event-stream", "data: {"),
      JsonRequest("A client stream: a JSON array, sent on message by message",
                  "/v1/sessions/s-1/audio",
                  std::string("[") + kFirstChunk + ", " + kSecondChunk + "]",
                  R"({"chunks": 2, "bytes": "12"})"),
      BothDirections(),
      BadElement(),
      Page(),
  };
}

}  // namespace puente::examples
