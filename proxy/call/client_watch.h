// What ends a call from outside: its client going away.
#pragma once

#include "proxy/http/exchange.h"
#include "proxy/upstream/grpc_call.h"

namespace puente {

// Cancels `call` when the client of `exchange` goes away, as long as the watch exists. The body
// must have been read.
class ClientWatch {
 public:
  ClientWatch(Exchange& exchange, GrpcCall& call);
  ~ClientWatch() { exchange_.StopWatchingClient(); }
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

 private:
  Exchange& exchange_;
};

}  // namespace puente
