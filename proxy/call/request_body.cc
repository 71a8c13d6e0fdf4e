#include "proxy/call/request_body.h"

#include <string_view>

#include "transcoder/request_type.h"

namespace puente {
namespace {

// How much is decoded at once.
constexpr std::size_t kPieceSize = 65536;

}  // namespace

Result<RequestBody> RequestBody::Open(Exchange& exchange, const RequestBodyLimits& limits) {
  if (!exchange.head().HasBody()) return RequestBody(exchange, limits, false);
  const Result<bool> is_gzip = IsGzipBody(exchange.head().headers);
  if (!is_gzip) return tl::unexpected(is_gzip.error());
  return RequestBody(exchange, limits, *is_gzip);
}

RequestBody::RequestBody(Exchange& exchange, const RequestBodyLimits& limits, bool is_gzip)
    : exchange_(&exchange) {
  if (is_gzip) decoder_.emplace(limits.max_expansion_ratio);
}

Result<std::string> DecodeGzip(std::string_view encoded, const RequestBodyLimits& limits) {
  GzipDecoder decoder(limits.max_expansion_ratio);
  std::string body;
  while (true) {
    const Result<bool> more = decoder.Decode(encoded, body, kPieceSize);
    if (!more) return tl::unexpected(more.error());
    if (body.size() > limits.max_bytes) {
      return puente::Fail(Code::kResourceExhausted, "the request body is larger than the limit",
                          413);
    }
    if (!*more) break;
  }
  const Result<void> finished = decoder.Finish();
  if (!finished) return tl::unexpected(finished.error());
  return body;
}

Task<Result<bool>> RequestBody::ReadSome(std::string& body, std::chrono::nanoseconds patience) {
  exchange_->LiftBodyLimit();
  if (!decoder_) co_return co_await exchange_->ReadBodySome(body, patience);
  const std::size_t before = body.size();
  while (true) {
    std::string_view encoded = std::string_view(received_).substr(decoded_);
    const Result<bool> waiting = decoder_->Decode(encoded, body, kPieceSize);
    if (!waiting) co_return waiting;
    decoded_ = received_.size() - encoded.size();
    if (body.size() > before) co_return true;
    if (complete_) break;
    received_.clear();
    decoded_ = 0;
    const Result<bool> more = co_await exchange_->ReadBodySome(received_, patience);
    if (!more) co_return more;
    complete_ = !*more;
  }
  const Result<void> finished = decoder_->Finish();
  if (!finished) co_return tl::unexpected(finished.error());
  co_return false;
}

}  // namespace puente
