#include "proxy/call/transcoding.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

void NoteMessage(RequestContext& context, RequestTrace::Direction direction, std::size_t bytes) {
  if (!IsUnary(*context.route)) context.trace.NoteMessage(direction, bytes);
}

}  // namespace

Result<std::string> EncodeMessage(RequestContext& context, const BoundTarget& target,
                                  const BodyInput& body) {
  const auto started = steady_clock::now();
  auto message = context.served->codec->Encode(target, body, context.dropped);
  if (!message) return message;
  if (auto fits = context.backend->grpc->CheckMessage(*message); !fits) {
    return tl::unexpected(fits.error());
  }
  if (MetricCells* const cells = context.telemetry.cells) {
    const nanoseconds before = std::exchange(context.preparation, nanoseconds(0));
    cells->Observe(context.telemetry.metrics.request_transcoding,
                   steady_clock::now() - started + before, context.trace.sampled_trace());
  }
  NoteMessage(context, RequestTrace::Direction::kSent, message->size());
  return message;
}

Result<std::string> EncodeNumberedMessage(RequestContext& context, const BoundTarget& target,
                                          const BodyInput& body, std::size_t number) {
  auto message = EncodeMessage(context, target, body);
  if (!message) {
    message.error().message = fmt::format("message {}: {}", number, message.error().message);
  }
  return message;
}

Result<void> DecodeMessage(RequestContext& context, std::string_view message, Payload& payload) {
  const auto started = steady_clock::now();
  const Result<void> decoded = context.served->codec->DecodeResponse(message, payload);
  if (MetricCells* const cells = context.telemetry.cells; cells != nullptr && decoded) {
    cells->Observe(context.telemetry.metrics.response_transcoding, steady_clock::now() - started,
                   context.trace.sampled_trace());
  }
  NoteMessage(context, RequestTrace::Direction::kReceived, message.size());
  return decoded;
}

}  // namespace puente
