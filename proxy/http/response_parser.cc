#include "proxy/http/response_parser.h"

namespace puente {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr int kLowestStatus = 100;
constexpr int kHighestStatus = 599;
constexpr int kLastInterim = 199;
constexpr int kNoContent = 204;

}  // namespace

ResponseParser::ResponseParser(HttpResponseHead& head, const ResponseLimits& limits, bool to_head)
    : MessageParser(limits.max_header_bytes, limits.max_headers), head_(head) {
  skip(to_head);
}

std::optional<Error> ResponseParser::CheckBegun(std::string_view bytes, std::size_t seen,
                                                std::size_t head_end,
                                                const ResponseLimits& limits) {
  const std::size_t limit = limits.max_header_bytes;
  if (head_end > limit || (head_end == 0 && bytes.size() >= limit)) {
    return Malformed("the response head is too large");
  }
  if (head_end > 0) return std::nullopt;
  // Of something else the end would be waited for in vain.
  if (bytes.substr(0, kVersion.size()) != kVersion.substr(0, bytes.size())) {
    return Malformed("not an HTTP/1.0 or HTTP/1.1 response");
  }
  return CheckHeadBytes(bytes, seen, HttpSender::kUpstream);
}

std::optional<Error> ResponseParser::ParseHead() {
  if (auto error = ParseRawHead(head_.raw)) return error;
  if (auto error = CheckFraming(head_.headers, head_.minor_version, HttpSender::kUpstream)) {
    return error;
  }
  ReadFraming();
  return CheckStatus();
}

std::optional<Error> ResponseParser::CheckStatus() const {
  if (head_.status < kLowestStatus || head_.status > kHighestStatus) {
    return Malformed("the status is none of HTTP's");
  }
  const bool is_interim = head_.status <= kLastInterim;
  if (is_interim && (head_.chunked || head_.content_length.value_or(0) > 0)) {
    return Malformed("an interim response with a body");
  }
  return std::nullopt;
}

void ResponseParser::ReadFraming() {
  head_.chunked = chunked();
  head_.content_length = ContentLengthOf(head_.headers);
  head_.has_body = !is_done();
  // A server that announces a body where none can be may well send one.
  const bool is_sure =
      head_.status != kNoContent || (!head_.chunked && head_.content_length.value_or(0) == 0);
  head_.keep_alive = is_sure && head_.minor_version >= 1 && keep_alive();
}

std::optional<Error> ResponseParser::EndOfStream() {
  error_code ec;
  put_eof(ec);
  if (!ec) return std::nullopt;
  return Error{Code::kUnavailable,
               "the upstream closed the connection before its answer was complete",
               502,
               {},
               {}};
}

std::optional<Error> ResponseParser::OnHeader(HeaderView header) {
  head_.headers.push_back(header);
  return std::nullopt;
}

Error ResponseParser::TooManyHeaders() const { return Malformed("too many header fields"); }

void ResponseParser::on_response_impl(int status, string_view, int version, error_code&) {
  head_.status = status;
  head_.minor_version = version % 10;
}

}  // namespace puente
