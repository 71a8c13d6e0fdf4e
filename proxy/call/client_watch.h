// What ends a call from outside: its client going away.
#pragma once

#include <functional>
#include <utility>

#include "proxy/http/exchange.h"

namespace puente {

// Calls `left`, once, when the client of `exchange` goes away, as long as the watch exists. The
// body must have been read.
class ClientWatch {
 public:
  ClientWatch(Exchange& exchange, std::function<void()> left) : exchange_(exchange) {
    exchange_.WatchClient(std::move(left));
  }
  ~ClientWatch() { exchange_.StopWatchingClient(); }
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

 private:
  Exchange& exchange_;
};

}  // namespace puente
