#include "proxy/http/request_parser.h"

#include "proxy/http/framing_gate.h"

namespace puente {
namespace {

namespace http = boost::beast::http;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

Error BadRequest(std::string message) {
  return Error{Code::kInvalidArgument, std::move(message), 400, {}, {}};
}

Error TooLarge() {
  return Error{Code::kResourceExhausted, "the request body is larger than the limit", 413, {}, {}};
}

// The path and query of an absolute-form target whose authority is `host`; nullopt when it is not
// one.
std::optional<std::string_view> OriginForm(std::string_view target, std::string_view host) {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!EqualsIgnoreCase(scheme, "http") && !EqualsIgnoreCase(scheme, "https")) return std::nullopt;
  const std::string_view rest = target.substr(scheme_end + 3);
  const auto path = rest.find_first_of("/?");
  if (path == 0 || rest.empty()) return std::nullopt;
  if (!EqualsIgnoreCase(rest.substr(0, path), host)) return std::nullopt;
  return path == std::string_view::npos ? std::string_view() : rest.substr(path);
}

}  // namespace

RequestParser::RequestParser(RequestHead& head, const RequestLimits& limits)
    : MessageParser(limits.max_header_bytes, limits.max_headers),
      head_(head),
      limits_(limits),
      max_body_bytes_(limits.max_body_bytes) {}

std::optional<Error> RequestParser::CheckHeadSize(std::string_view bytes, std::size_t head_end,
                                                  const RequestLimits& limits) {
  const std::size_t limit = limits.max_header_bytes;
  if (head_end <= limit && (head_end > 0 || bytes.size() < limit)) return std::nullopt;
  if (bytes.substr(0, limit).find("\r\n") == std::string_view::npos) {
    return Error{Code::kInvalidArgument, "the request target is too long", 414, {}, {}};
  }
  return Error{Code::kInvalidArgument, "the request head is too large", 431, {}, {}};
}

std::optional<Error> RequestParser::ParseHead() {
  if (auto error = ParseRawHead(head_.raw)) return error;
  return CheckHead();
}

std::optional<Error> RequestParser::CheckHead() {
  if (auto error = CheckFraming(head_.headers, head_.minor_version)) return error;
  ReadFraming();
  if (auto error = NormalizeTarget()) return error;
  return CheckExpectation();
}

std::optional<Error> RequestParser::CheckExpectation() {
  for (const HeaderView& header : head_.headers) {
    if (!EqualsIgnoreCase(header.name, "expect")) continue;
    if (!EqualsIgnoreCase(header.value, "100-continue")) {
      return Error{Code::kInvalidArgument, "unknown expectation in the Expect header", 417, {}, {}};
    }
    head_.expect_continue = head_.minor_version >= 1 && head_.HasBody();
  }
  return std::nullopt;
}

void RequestParser::ReadFraming() {
  head_.chunked = chunked();
  head_.keep_alive = keep_alive();
  head_.content_length = ContentLengthOf(head_.headers);
  if (const auto* host = FindHeader(head_.headers, "host")) head_.host = *host;
}

std::optional<Error> RequestParser::NormalizeTarget() {
  // The handlers refuse CONNECT by its method; its target is an authority.
  if (head_.method == "CONNECT" || head_.target.starts_with('/')) return std::nullopt;
  if (head_.target == "*") {
    if (head_.method == "OPTIONS") return std::nullopt;
    return BadRequest("the request target \"*\" is for OPTIONS only");
  }
  const auto origin_form = OriginForm(head_.target, head_.host);
  if (!origin_form || origin_form->starts_with('?')) {
    return BadRequest(
        "the request target is neither a path nor a URL of the host in the Host header");
  }
  head_.target = origin_form->empty() ? std::string_view("/") : *origin_form;
  return std::nullopt;
}

std::optional<Error> RequestParser::CheckDeclaredLength() const {
  if (head_.content_length.value_or(0) > max_body_bytes_) return TooLarge();
  return std::nullopt;
}

void RequestParser::on_request_impl(http::verb, string_view method, string_view target, int version,
                                    error_code&) {
  head_.method = View(method);
  head_.target = View(target);
  head_.minor_version = version % 10;
}

std::optional<Error> RequestParser::OnHeader(HeaderView header) {
  const bool odd = limits_.underscores != UnderscoreHeaders::kAllow &&
                   header.name.find('_') != std::string_view::npos;
  if (odd && limits_.underscores == UnderscoreHeaders::kReject) {
    return BadRequest("a header name with an underscore");
  }
  if (!odd) head_.headers.push_back(header);
  return std::nullopt;
}

Error RequestParser::TooManyHeaders() const {
  return Error{Code::kInvalidArgument, "too many header fields", 431, {}, {}};
}

std::optional<Error> RequestParser::CheckBodySize(std::uint64_t bytes) {
  if (bytes <= max_body_bytes_) return std::nullopt;
  return TooLarge();
}

}  // namespace puente
