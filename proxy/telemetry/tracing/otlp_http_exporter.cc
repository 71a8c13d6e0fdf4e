#include "proxy/telemetry/tracing/otlp_http_exporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/address.h"
#include "proxy/telemetry/tracing/otlp_message.h"
#include "proxy/version.h"

namespace puente {
namespace {

namespace http = boost::beast::http;
using Response = CollectorConnection::Response;

constexpr std::string_view kProtobuf = "application/x-protobuf";
// Longer pauses than this all mean the same: not within this export.
constexpr unsigned kLongestPause = 86400;

bool MayRetry(unsigned status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

std::optional<std::chrono::milliseconds> RetryAfter(const Response& response) {
  const std::string_view text = response[http::field::retry_after];
  unsigned seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kLongestPause));
}

bool IsProtobuf(const Response& response) {
  return std::string_view(response[http::field::content_type]).starts_with(kProtobuf);
}

ExportAttempt Ended(const Response& response, std::size_t spans) {
  const unsigned status = response.result_int();
  if (status >= 200 && status < 300) {
    if (IsProtobuf(response)) return {.result = ReadOtlpResponse(response.body(), spans)};
    if (response.body().empty()) return {};
    return {.result = {spans, "what answers is no collector: the answer is not OTLP's"}};
  }
  const std::string message =
      IsProtobuf(response) ? ReadOtlpStatus(response.body()).message : std::string();
  return {.result = {spans, fmt::format("HTTP status {}{}{}", status, message.empty() ? "" : ": ",
                                        message)},
          .may_retry = MayRetry(status),
          .pause = RetryAfter(response)};
}

}  // namespace

OtlpHttpExporter::OtlpHttpExporter(OtlpSettings settings, std::vector<ResourceAttribute> resource)
    : settings_(std::move(settings)),
      resource_(std::move(resource)),
      connection_(settings_.url, settings_.tls) {
  if (settings_.gzip) gzip_.emplace();
}

ExportResult OtlpHttpExporter::Export(std::span<const Span> spans) {
  const CollectorConnection::Request request = MakeRequest(spans);
  const auto attempt = [&](ExportDeadline deadline) -> ExportAttempt {
    const auto response = connection_.Exchange(request, deadline, stop_.get_token());
    if (response) return Ended(*response, spans.size());
    return {.result = {spans.size(), response.error().reason},
            .may_retry = response.error().may_retry};
  };
  return ExportWithRetries(spans.size(), settings_.timeout, stop_.get_token(), attempt);
}

CollectorConnection::Request OtlpHttpExporter::MakeRequest(std::span<const Span> spans) {
  CollectorConnection::Request request(http::verb::post, settings_.url.path, 11);
  request.set(http::field::user_agent, fmt::format("puente/{}", kVersion));
  for (const Header& header : settings_.headers) request.set(header.name, header.value);
  request.set(http::field::host, JoinHostAndPort(settings_.url.host, settings_.url.port));
  request.set(http::field::content_type, kProtobuf);
  request.body() = PrintOtlpRequest(spans, resource_);
  if (gzip_) {
    std::string packed;
    gzip_->Encode(request.body(), packed, GzipEncoder::Flush::kFinish);
    request.body() = std::move(packed);
    request.set(http::field::content_encoding, "gzip");
  }
  request.prepare_payload();
  return request;
}

}  // namespace puente
