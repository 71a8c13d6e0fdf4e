#include "examples/requests.h"

namespace puente::examples {
namespace {

constexpr std::size_t kWavBytes = 44 + 2 * 8'000 * 12;

std::optional<std::string> CheckWav(const DemoAnswer& answer) {
  if (answer.Header("content-type") != "audio/wav") return "the answer's type is not audio/wav";
  if (answer.body.size() != kWavBytes) {
    return "expected " + std::to_string(kWavBytes) + " bytes, there are " +
           std::to_string(answer.body.size());
  }
  if (!answer.body.starts_with("RIFF")) return "the answer is no WAV file";
  return std::nullopt;
}

DemoRequest Download() {
  return {.title = "Download a file of the service's own media type",
          .method = "GET",
          .target = "/v1/recordings/rec-1/audio",
          .curl_options = "-o rec-1.wav",
          .check = CheckWav};
}

std::string TwelveSegments() {
  std::string array;
  for (int second = 0; second < 12; ++second) {
    array += array.empty() ? "[" : ", ";
    array += "{\"endSeconds\": " + std::to_string(second + 1) + "}";
  }
  return array + "]";
}

}  // namespace

std::vector<DemoRequest> AudioRequests() {
  return {
      GetRequest("A longer server stream", "/v1/recordings/rec-1/transcript", TwelveSegments()),
      JsonRequest("Bytes in a body, as base64", "/v1/audio:transcribe",
                  R"({"audio": "cHVlbnRlIG1lYW5zIGJyaWRnZQ==", "language": "en"})",
                  R"({"text": "runs night until", "confidence": 0.828125,
                      "segments": [{"endSeconds": 0.00059375, "text": "runs night until"}]})"),
      Download(),
  };
}

}  // namespace puente::examples
