// Arbitrary bytes as a request: however they are cut into reads, the same must come of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/request_parser.h"
#include "tests/fuzz/reads.h"
#include "tests/fuzz/require.h"
#include "transcoder/http_message.h"

namespace puente {
namespace {

using fuzz::Reads;
using fuzz::Require;

constexpr RequestLimits kLimits{.max_header_bytes = 1024, .max_headers = 8, .max_body_bytes = 256};

enum class End { kHeadIncomplete, kRefused, kBodyIncomplete, kComplete };

struct Outcome {
  End end = End::kHeadIncomplete;
  std::string method;
  std::string target;
  std::vector<Header> headers;
  std::string body;
  std::size_t consumed = 0;
  bool keep_alive = false;
  bool operator==(const Outcome&) const = default;
};

void CheckHead(const RequestHead& head) {
  Require(!head.target.empty());
  Require(head.headers.size() <= kLimits.max_headers);
  Require(!head.chunked || !head.content_length);
  Require(!head.content_length || *head.content_length <= kLimits.max_body_bytes);
  for (const HeaderView& header : head.headers) {
    Require(header.name.find_first_of("\r\n: _") == std::string_view::npos);
    Require(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

Outcome ParseRequest(std::string_view bytes, Reads reads) {
  Outcome outcome;
  std::size_t received = 0;
  const auto receive = [&] {
    const bool more = received < bytes.size();
    received += std::min(reads.Next(), bytes.size() - received);
    return more;
  };
  std::size_t head_end = 0;
  for (std::size_t seen = 0; head_end == 0; seen = received) {
    if (!receive()) return outcome;
    head_end = RequestParser::FindHeadEnd(bytes.substr(0, received), seen);
  }
  outcome.end = End::kRefused;
  if (head_end > kLimits.max_header_bytes) return outcome;

  RequestHead head;
  head.raw = bytes.substr(0, head_end);
  RequestParser parser(head, kLimits);
  if (parser.ParseHead() || parser.CheckDeclaredLength()) return outcome;
  CheckHead(head);
  Outcome understood{End::kBodyIncomplete, std::string(head.method), std::string(head.target)};
  for (const auto& [name, value] : head.headers) {
    understood.headers.push_back({std::string(name), std::string(value)});
  }
  understood.keep_alive = head.keep_alive;
  understood.consumed = head_end;
  while (!parser.BodyComplete()) {
    const auto input = bytes.substr(understood.consumed, received - understood.consumed);
    const auto consumed = parser.ParseBody(input, understood.body);
    Require(understood.body.size() <= kLimits.max_body_bytes);
    if (!consumed) return outcome;
    Require(*consumed <= input.size());
    understood.consumed += *consumed;
    if (!parser.BodyComplete() && !receive()) break;
  }
  if (!parser.BodyComplete()) {
    // How much of what there is has been consumed may depend on the reads.
    understood.consumed = 0;
    understood.body.clear();
    return understood;
  }
  understood.end = End::kComplete;
  Require(head.headers.size() == understood.headers.size());
  return understood;
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSizes = 4;
  if (size < kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view request = input.substr(kSizes);
  const auto at_once = puente::ParseRequest(request, puente::Reads(""));
  const auto in_pieces = puente::ParseRequest(request, puente::Reads(input.substr(0, kSizes)));
  const auto in_bytes = puente::ParseRequest(request, puente::Reads(std::string_view("\0", 1)));
  puente::Require(at_once == in_pieces && at_once == in_bytes);
  return 0;
}
