// The half of a forwarded call that answers: the upstream's answer goes on to the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/call/attempt.h"
#include "proxy/call/request_context.h"
#include "proxy/upstream/http_call.h"

namespace puente {

// One thread. What it is made of outlives it.
class ForwardedAnswer {
 public:
  // The head of the answer has come.
  ForwardedAnswer(RequestContext& context, Attempt& attempt, HttpCall& call)
      : context_(context), exchange_(context.exchange), attempt_(attempt), call_(call) {}
  ForwardedAnswer(const ForwardedAnswer&) = delete;
  ForwardedAnswer& operator=(const ForwardedAnswer&) = delete;

  // Answers the client, as the upstream does, and ends the attempt; or serves the WebSocket that
  // the upstream has accepted. What comes in one piece is sent in one. An error: the client has
  // seen nothing yet, and the attempt has not ended.
  Task<Result<void>> Serve();

 private:
  Task<Result<void>> ServeQuiet();
  Task<Result<void>> SwitchProtocols();
  Task<Result<void>> Respond(std::string body);
  Task<Result<void>> PassOn(std::string body, Result<bool> more);
  void NoteAlive();
  Result<void> ClientGone();
  Task<Result<bool>> ReadSome(std::string& body);
  std::optional<std::uint64_t> Length() const;
  std::vector<Header> Headers() const;

  RequestContext& context_;
  Exchange& exchange_;
  Attempt& attempt_;
  HttpCall& call_;
};

}  // namespace puente
