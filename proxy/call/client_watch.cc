#include "proxy/call/client_watch.h"

namespace puente {

ClientWatch::ClientWatch(Exchange& exchange, GrpcCall& call) : exchange_(exchange) {
  exchange_.WatchClient([&call] { call.Cancel(); });
}

}  // namespace puente
