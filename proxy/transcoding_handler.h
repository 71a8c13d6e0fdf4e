// REST in, gRPC out: what happens to one request. Start reading here.
#pragma once

#include <memory>
#include <string>

#include "proxy/http/session.h"
#include "proxy/metrics.h"
#include "proxy/snapshot.h"
#include "proxy/stream_response.h"
#include "proxy/upstream/grpc_call.h"

namespace puente {

// Serves the routes of a snapshot. One per worker, used on its thread only.
class TranscodingHandler final : public RequestHandler {
 public:
  // `queue` is the worker's, and outlives the handler.
  TranscodingHandler(std::shared_ptr<const Snapshot> snapshot, grpc::CompletionQueue& queue,
                     Metrics& metrics);

  Task<> Handle(Exchange& exchange) override;
  Task<> Refuse(Exchange& exchange, const Error& error) override;

 private:
  struct Request;

  // Each answers the request, or says why it could not; Handle is the one that answers errors.
  Task<Result<void>> Serve(Request& request);
  Task<Result<void>> ServeOptions(Request& request, std::vector<std::string> allowed);
  Task<Result<void>> ServeRoute(Request& request, const RouteMatch& match, std::string_view query);
  Task<Result<void>> ServeUnary(Request& request, const ServedRoute& served, GrpcCall& call,
                                std::string message);
  Task<Result<void>> ServeStream(Request& request, const Route& route, const ServedRoute& served,
                                 GrpcCall& call, std::string message);
  // Passes messages on as they come, until the end, an error, or the client has enough.
  Task<Result<void>> Relay(Request& request, const ServedRoute& served, GrpcCall& call,
                           std::string message, StreamResponse& response);
  // Fails when the client is gone.
  Task<Result<void>> PassOn(Request& request, GrpcCall& call, const Payload& payload,
                            StreamResponse& response);
  // False: the client is gone.
  Task<bool> BeginStream(Request& request, GrpcCall& call, const Payload& first,
                         StreamResponse& response);

  std::shared_ptr<const Snapshot> snapshot_;
  grpc::CompletionQueue& queue_;
  HttpMetrics http_metrics_;
};

}  // namespace puente
