// Arbitrary bytes as a response: however they are cut into reads, the same must come of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/response_parser.h"
#include "tests/fuzz/reads.h"
#include "tests/fuzz/require.h"
#include "transcoder/http_message.h"

namespace puente {
namespace {

using fuzz::Reads;
using fuzz::Require;

constexpr ResponseLimits kLimits{.max_header_bytes = 1024, .max_headers = 8};

enum class End { kHeadIncomplete, kRefused, kCut, kComplete };

struct Outcome {
  End end = End::kHeadIncomplete;
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  std::size_t consumed = 0;
  bool keep_alive = false;
  bool operator==(const Outcome&) const = default;
};

void CheckHead(const HttpResponseHead& head, bool to_head) {
  Require(head.status >= 100 && head.status <= 599);
  Require(head.headers.size() <= kLimits.max_headers);
  Require(!head.chunked || !head.content_length);
  Require(!head.has_body || (!to_head && head.status >= 200));
  Require(!head.keep_alive || !head.has_body || head.chunked || head.content_length);
  for (const HeaderView& header : head.headers) {
    Require(header.name.find_first_of("\r\n: ") == std::string_view::npos);
    Require(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

Outcome ParseResponse(std::string_view bytes, bool to_head, Reads reads) {
  Outcome outcome;
  std::size_t received = 0;
  const auto receive = [&] {
    const bool more = received < bytes.size();
    received += std::min(reads.Next(), bytes.size() - received);
    return more;
  };
  const Outcome refused{End::kRefused};
  std::size_t head_end = 0;
  for (std::size_t seen = 0; head_end == 0; seen = received) {
    if (!receive()) return outcome;
    const auto begun = bytes.substr(0, received);
    head_end = FindHttpHeadEnd(begun, seen);
    if (ResponseParser::CheckBegun(begun, seen, head_end, kLimits)) return refused;
  }

  HttpResponseHead head;
  head.raw = bytes.substr(0, head_end);
  ResponseParser parser(head, kLimits, to_head);
  if (parser.ParseHead()) return refused;
  CheckHead(head, to_head);
  outcome = {End::kComplete, head.status};
  for (const auto& [name, value] : head.headers) {
    outcome.headers.push_back({std::string(name), std::string(value)});
  }
  outcome.keep_alive = head.keep_alive;
  outcome.consumed = head_end;
  while (!parser.BodyComplete()) {
    const auto input = bytes.substr(outcome.consumed, received - outcome.consumed);
    const auto consumed = parser.ParseBody(input, outcome.body);
    if (!consumed) return refused;
    Require(*consumed <= input.size());
    outcome.consumed += *consumed;
    if (!parser.BodyComplete() && !receive()) break;
  }
  const bool until_close = head.has_body && !head.chunked && !head.content_length;
  Require(!parser.BodyComplete() || !until_close);
  if (parser.BodyComplete()) return outcome;
  const bool cut = parser.EndOfStream().has_value();
  Require(cut != until_close);
  // How much of what there is has been consumed may depend on the reads.
  return cut ? Outcome{End::kCut, head.status} : outcome;
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSizes = 4;
  if (size <= kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view sizes = input.substr(0, kSizes);
  const bool to_head = (input[kSizes] & 1) != 0;
  const std::string_view response = input.substr(kSizes + 1);
  const auto at_once = puente::ParseResponse(response, to_head, puente::Reads(""));
  const auto in_pieces = puente::ParseResponse(response, to_head, puente::Reads(sizes));
  const auto in_bytes =
      puente::ParseResponse(response, to_head, puente::Reads(std::string_view("\0", 1)));
  puente::Require(at_once == in_pieces && at_once == in_bytes);
  return 0;
}
