#include "proxy/explained_head.h"

#include <fmt/format.h>

#include "proxy/http/request_parser.h"
#include "proxy/request_limits.h"

namespace puente {
namespace {

// That of a target in absolute form, or this machine.
std::string_view DefaultHost(std::string_view target) {
  const std::size_t scheme_end = target.find("://");
  if (target.starts_with('/') || scheme_end == target.npos) return "localhost";
  const std::string_view rest = target.substr(scheme_end + 3);
  return rest.substr(0, rest.find_first_of("/?"));
}

bool DeclaresBody(std::span<const HeaderView> headers) {
  return FindHeader(headers, "content-length") != nullptr ||
         FindHeader(headers, "transfer-encoding") != nullptr;
}

}  // namespace

std::optional<Error> ReadHead(const config::Config& config, std::string_view http_method,
                              std::string_view target, std::span<const HeaderView> headers,
                              std::size_t body_size, RequestHead& head) {
  head.Clear();
  head.raw = fmt::format("{} {} HTTP/1.1\r\n", http_method, target);
  if (FindHeader(headers, "host") == nullptr) {
    head.raw += fmt::format("host: {}\r\n", DefaultHost(target));
  }
  for (const HeaderView& header : headers) {
    head.raw += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  if (body_size > 0 && !DeclaresBody(headers)) {
    head.raw += fmt::format("content-length: {}\r\n", body_size);
  }
  head.raw += "\r\n";
  const RequestLimits limits = RequestLimitsOf(config);
  if (auto error = RequestParser::CheckHeadSize(head.raw, head.raw.size(), limits)) return error;
  return RequestParser(head, limits).ParseHead();
}

}  // namespace puente
