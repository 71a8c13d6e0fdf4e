// What belongs to one request while it is served.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/call/answer_copy.h"
#include "proxy/call/request_outcome.h"
#include "proxy/call/response_compressor.h"
#include "proxy/call/whole_body.h"
#include "proxy/http/exchange.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/tracing/tracer.h"
#include "proxy/telemetry/worker_telemetry.h"
#include "proxy/upstream/grpc_call.h"
#include "proxy/upstream/http_lane.h"
#include "transcoder/codec.h"
#include "transcoder/route.h"

namespace puente {

// One thread, as the exchange.
struct RequestContext {
  Exchange& exchange;
  // Kept until the answer is complete, whatever is loaded meanwhile.
  const std::shared_ptr<const Snapshot> snapshot;
  const std::string id;
  const std::string forwarded_client;  // whom a trusted proxy speaks for; "" for nobody
  const CallLane& lane;                // of calls on this thread
  HttpLane& http_lane;
  ResponseCompressor& compressor;
  const WorkerTelemetry& telemetry;
  RequestTrace trace;
  const std::chrono::steady_clock::time_point started;  // when its head was complete

  // Once the request has found its route. Both are nullptr for a path that no method is bound to.
  const Route* route = nullptr;
  const ServedRoute* served = nullptr;
  const RoutePolicy* policy = nullptr;
  RouteMetrics* requests = nullptr;
  std::string_view route_label = kUnmatchedRoute;  // for metrics: the template
  // Where it goes, or went last.
  const Backend* backend = nullptr;

  WholeBody body;
  bool may_fall_back = false;  // to another upstream, if this one fails in certain ways
  bool is_copied = false;      // another upstream gets a copy of it
  AnswerCopy answer;

  // What making the call's first message has taken so far; see EncodeMessage.
  std::chrono::nanoseconds preparation{};
  DroppedInput dropped;
  RequestOutcome outcome;
};

// One message each way.
inline bool IsUnary(const Route& route) {
  return !route.method->client_streaming() && !route.method->server_streaming();
}

// Messages stream both ways.
inline bool IsConversation(const Route& route) {
  return route.method->client_streaming() && route.method->server_streaming();
}

}  // namespace puente
