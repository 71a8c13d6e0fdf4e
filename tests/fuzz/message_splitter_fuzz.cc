// Any body: however it is cut into pushes, the same messages and the same verdict come of it; and
// an array is taken whole, with messages that are JSON, just when it is JSON itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/require.h"
#include "transcoder/json_scan.h"
#include "transcoder/message_splitter.h"

namespace puente {
namespace {

using fuzz::Require;

constexpr int kMaxDepth = 100;

struct Outcome {
  std::vector<std::string> messages;
  std::string problem;
  bool operator==(const Outcome&) const = default;
};

// Splits a body into pushes whose sizes are those of `sizes`, over and over.
class Splitting {
 public:
  Splitting(BodyFormat format, std::size_t max_message_bytes)
      : splitter_(format, max_message_bytes), max_message_bytes_(max_message_bytes) {}

  Outcome Run(std::string_view body, std::string_view sizes) {
    for (std::size_t i = 0; !body.empty() && outcome_.problem.empty(); ++i) {
      const std::size_t size = 1 + static_cast<std::uint8_t>(sizes[i % sizes.size()]);
      const std::string push(body.substr(0, size));
      body.remove_prefix(push.size());
      splitter_.Push(push);
      Drain();
    }
    splitter_.End();
    Drain();
    return outcome_;
  }

 private:
  void Drain() {
    while (outcome_.problem.empty()) {
      const auto message = splitter_.Next();
      if (message && !*message) return;
      if (!message) {
        outcome_.problem = message.error().message;
        Require(!outcome_.problem.empty());
        return;
      }
      Require(!(*message)->empty() && (*message)->size() <= max_message_bytes_);
      outcome_.messages.emplace_back(**message);
    }
  }

  MessageSplitter splitter_;
  const std::size_t max_message_bytes_;
  Outcome outcome_;
};

bool IsJson(std::string_view text, int max_depth) {
  JsonScanner scanner(text, max_depth);
  return scanner.Skip() && scanner.End();
}

void CheckArray(std::string_view body) {
  const Outcome outcome = Splitting(BodyFormat::kJson, SIZE_MAX).Run(body, "\xff");
  const bool is_taken =
      outcome.problem.empty() && std::ranges::all_of(outcome.messages, [](const auto& message) {
        return IsJson(message, kMaxDepth - 1);
      });
  Require(is_taken == IsJson(body, kMaxDepth));
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSizes = 4;
  if (size < 2 + kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto format = (data[0] & 1) == 0 ? puente::BodyFormat::kJson : puente::BodyFormat::kLines;
  const std::size_t max_message_bytes = data[1] == 0 ? SIZE_MAX : data[1];
  const std::string_view body = input.substr(2 + kSizes);
  const auto split = [&](std::string_view sizes) {
    return puente::Splitting(format, max_message_bytes).Run(body, sizes);
  };
  const puente::Outcome in_bytes = split(std::string_view("\0", 1));
  puente::Require(in_bytes == split(input.substr(2, kSizes)) && in_bytes == split("\xff"));
  if (body.starts_with('[')) puente::CheckArray(body);
  return 0;
}
