#include "transcoder/request_type.h"

#include <algorithm>

#include "transcoder/media_type.h"

namespace puente {
namespace {

Error UnsupportedEncoding() {
  Error error{Code::kInvalidArgument, "the Content-Encoding is not supported", 415, {}, {}};
  error.headers.emplace_back("Accept-Encoding", "gzip");
  return error;
}

}  // namespace

Result<std::string_view> ContentTypeOf(std::span<const HeaderView> headers) {
  const auto is_content_type = [](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, "content-type");
  };
  if (std::ranges::count_if(headers, is_content_type) > 1) {
    return Fail(Code::kInvalidArgument, "header 'content-type' is there twice");
  }
  const auto* type = FindHeader(headers, "content-type");
  return type == nullptr ? std::string_view() : *type;
}

Result<void> CheckStreamType(const Route& route, std::string_view content_type) {
  if (route.request_is_http_body || IsJson(content_type) || IsNdjson(content_type)) return {};
  return Fail(Code::kInvalidArgument,
              "the body is neither a JSON array (application/json) nor JSON lines "
              "(application/x-ndjson), in UTF-8",
              415);
}

Result<bool> IsGzipBody(std::span<const HeaderView> headers) {
  bool is_gzip = false;
  for (const HeaderView& header : headers) {
    if (!EqualsIgnoreCase(header.name, "content-encoding")) continue;
    if (EqualsIgnoreCase(header.value, "identity") || header.value.empty()) continue;
    const bool says_gzip =
        EqualsIgnoreCase(header.value, "gzip") || EqualsIgnoreCase(header.value, "x-gzip");
    if (!says_gzip || is_gzip) return tl::unexpected(UnsupportedEncoding());
    is_gzip = true;
  }
  return is_gzip;
}

}  // namespace puente
