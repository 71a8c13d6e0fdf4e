#include "proxy/telemetry/tracing/otlp_grpc_exporter.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/slice.h>

#include <utility>

#include "config/address.h"
#include "proxy/presentable.h"
#include "proxy/telemetry/tracing/otlp_message.h"
#include "proxy/version.h"
#include "transcoder/error.h"

namespace puente {
namespace {

constexpr char kMethod[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr int kMaxAnswerBytes = 64 << 10;

grpc::ChannelArguments Arguments(const OtlpSettings& settings) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(fmt::format("puente/{}", kVersion));
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // A collector that is back is found by the next attempt: grpc's own back-off goes up to minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Attempts are counted here, and the worker's connections are theirs.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (settings.url.tls && !settings.tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(settings.tls.server_name);
  }
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const OtlpSettings& settings) {
  if (!settings.url.tls) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({.pem_root_certs = settings.tls.ca,
                               .pem_private_key = settings.tls.private_key,
                               .pem_cert_chain = settings.tls.certificate});
}

std::string Target(const CollectorUrl& url) {
  return "dns:///" + JoinHostAndPort(url.host, url.port);
}

struct Cancellation {
  grpc::ClientContext& context;
  void operator()() const { context.TryCancel(); }
};

std::string Bytes(grpc::ByteBuffer& message) {
  grpc::Slice slice;
  if (!message.Valid() || !message.DumpToSingleSlice(&slice).ok()) return {};
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

// Those that OTLP calls retryable.
bool MayRetry(grpc::StatusCode code, bool has_retry_delay) {
  switch (code) {
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAVAILABLE:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return has_retry_delay;
    default:
      return false;
  }
}

ExportAttempt Failed(const grpc::Status& status, std::size_t spans) {
  const auto delay = ReadOtlpStatus(status.error_details()).retry_delay;
  return {.result = {spans, fmt::format("{}: {}", CodeName(CodeOfNumber(status.error_code())),
                                        Presentable(status.error_message()))},
          .may_retry = MayRetry(status.error_code(), delay.has_value()),
          .pause = delay};
}

}  // namespace

OtlpGrpcExporter::OtlpGrpcExporter(OtlpSettings settings, std::vector<ResourceAttribute> resource)
    : settings_(std::move(settings)),
      resource_(std::move(resource)),
      stub_(std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
          Target(settings_.url), Credentials(settings_), Arguments(settings_)))) {}

ExportResult OtlpGrpcExporter::Export(std::span<const Span> spans) {
  const std::string request = PrintOtlpRequest(spans, resource_);
  return ExportWithRetries(
      spans.size(), settings_.timeout, stop_.get_token(),
      [&](ExportDeadline deadline) { return Try(request, spans.size(), deadline); });
}

ExportAttempt OtlpGrpcExporter::Try(const std::string& request, std::size_t spans,
                                    ExportDeadline deadline) {
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       (deadline - std::chrono::steady_clock::now()));
  for (const Header& header : settings_.headers) context.AddMetadata(header.name, header.value);
  if (settings_.gzip) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  const std::stop_callback on_stop(stop_.get_token(), Cancellation{context});
  const grpc::Slice slice(request);
  const grpc::ByteBuffer message(&slice, 1);
  grpc::ByteBuffer answer;
  grpc::Status status;
  void* tag = nullptr;
  bool ok = false;
  const auto call = stub_->PrepareUnaryCall(&context, kMethod, message, &queue);
  call->StartCall();
  call->Finish(&answer, &status, this);
  queue.Next(&tag, &ok);
  if (!status.ok()) return Failed(status, spans);
  return {.result = ReadOtlpResponse(Bytes(answer), spans)};
}

}  // namespace puente
