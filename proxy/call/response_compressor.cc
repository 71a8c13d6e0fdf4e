#include "proxy/call/response_compressor.h"

#include <utility>

#include "transcoder/accept.h"
#include "transcoder/media_type.h"

namespace puente {
namespace {

constexpr std::size_t kSmallestBody = 256;

bool IsCompressible(std::string_view content_type) {
  constexpr std::string_view kText = "text/";
  if (content_type.empty()) return false;
  return IsJson(content_type) || EqualsIgnoreCase(content_type.substr(0, kText.size()), kText);
}

}  // namespace

void ResponseCompressor::Compress(std::span<const HeaderView> request_headers, Response& response) {
  if (response.body.size() < kSmallestBody || !IsCompressible(response.content_type)) return;
  response.headers.push_back({"Vary", "Accept-Encoding"});
  if (!AcceptsGzip(request_headers)) return;
  if (!encoder_) encoder_.emplace();
  std::string packed;
  encoder_->Encode(response.body, packed, GzipEncoder::Flush::kFinish);
  response.body = std::move(packed);
  response.headers.push_back({"Content-Encoding", "gzip"});
}

}  // namespace puente
