#include "proxy/call/whole_body.h"

#include <utility>

#include "proxy/call/request_body.h"
#include "proxy/call/request_context.h"
#include "transcoder/request_type.h"

namespace puente {

Task<Result<void>> ReadWholeBody(RequestContext& context) {
  if (context.body.is_read) co_return Result<void>();
  Result<std::string> whole;
  if (context.exchange.head().HasBody()) whole = co_await context.exchange.ReadBody();
  if (!whole) co_return tl::unexpected(whole.error());
  context.body.bytes = *std::move(whole);
  context.body.is_read = true;
  co_return Result<void>();
}

Result<std::string_view> MeaningOfBody(RequestContext& context) {
  WholeBody& body = context.body;
  if (body.bytes.empty()) return std::string_view();
  const Result<bool> is_gzip = IsGzipBody(context.exchange.head().headers);
  if (!is_gzip) return tl::unexpected(is_gzip.error());
  if (!*is_gzip) return body.bytes;
  auto decoded = DecodeGzip(body.bytes, context.snapshot->body_limits());
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  body.decoded = *std::move(decoded);
  return body.decoded;
}

}  // namespace puente
