#include "proxy/call/stream_response.h"

#include <utility>

#include "proxy/call/response_headers.h"
#include "transcoder/accept.h"
#include "transcoder/error_body.h"

namespace puente {
namespace {

constexpr auto kHeartbeatInterval = std::chrono::seconds(15);

// Who asks and waits for each answer has it at once; who only listens can wait a little.
std::chrono::milliseconds PauseFor(const RequestContext& context) {
  return std::chrono::milliseconds(IsConversation(*context.route) ? 0 : 4);
}

// A stream has a body; after a status that forbids one it would be taken for the next answer.
int StreamStatus(const std::vector<MetadataView>& metadata) {
  const int status = HttpCodeOverride(metadata).value_or(200);
  return status == 204 || status == 205 || status == 304 ? 200 : status;
}

std::unique_ptr<GzipEncoder> EncoderFor(const RequestContext& context) {
  if (!AcceptsGzip(context.exchange.head().headers)) return nullptr;
  return std::make_unique<GzipEncoder>(GzipEncoder::Memory::kSmall);
}

std::unique_ptr<StreamFraming> FramingFor(const RequestContext& context) {
  if (context.route->response_is_http_body) return nullptr;
  return MakeStreamFraming(ChooseStreamFormat(context.exchange.head().headers));
}

}  // namespace

StreamResponse::StreamResponse(RequestContext& context)
    : context_(context),
      framing_(FramingFor(context)),
      output_(context.exchange, framing_ ? EncoderFor(context) : nullptr, PauseFor(context)) {}

bool StreamResponse::wants_more() const {
  return !begun_ || context_.exchange.head().method != "HEAD";
}

std::chrono::nanoseconds StreamResponse::heartbeat_interval() const {
  const bool beats = framing_ && !framing_->heartbeat().empty();
  return beats ? kHeartbeatInterval : std::chrono::nanoseconds::max();
}

Task<Result<void>> StreamResponse::Send(const GrpcCall& call, Payload& payload) {
  if (!begun_) Begin(call.InitialMetadata(), payload.content_type);
  bool there = true;
  if (framing_) {
    framing_->AppendMessage(payload.bytes, output_.bytes());
    there = co_await output_.Appended();
  } else {
    there = co_await context_.exchange.WriteStream(payload.bytes);
  }
  if (!there) co_return puente::Fail(Code::kCancelled, "the client went away");
  co_return Result<void>();
}

Task<bool> StreamResponse::Heartbeat() {
  if (!begun_) Begin(/*metadata=*/{}, {});  // it is not known yet
  output_.bytes().append(framing_->heartbeat());
  co_return co_await output_.Appended();
}

Task<> StreamResponse::End(const GrpcCall& call) {
  if (!begun_) Begin(call.InitialMetadata(), {});
  if (framing_) framing_->AppendEnd(output_.bytes());
  co_await Finish();
}

Task<> StreamResponse::Fail(const Error& error) {
  const std::string body = PrintInBandError(error, context_.snapshot->error_body());
  if (framing_ && framing_->AppendError(body, output_.bytes())) {
    co_await Finish();
  } else {
    co_await output_.Flush();
    context_.exchange.AbortStream();
  }
}

void StreamResponse::Begin(const std::vector<MetadataView>& metadata,
                           std::string_view content_type) {
  begun_ = true;
  std::vector<Header> headers = HeadersOf(context_, metadata);
  if (framing_) headers.push_back({"Vary", "Accept, Accept-Encoding"});
  if (output_.is_compressed()) headers.push_back({"Content-Encoding", "gzip"});
  if (framing_) content_type = framing_->content_type();
  const int status = StreamStatus(metadata);
  context_.exchange.BeginStream(status, content_type, std::move(headers));
}

Task<> StreamResponse::Finish() {
  if (framing_) {
    co_await output_.Finish();
  } else {
    co_await context_.exchange.EndStream();
  }
}

}  // namespace puente
