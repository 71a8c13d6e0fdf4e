// Says in the log why calls do not reach an upstream.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace puente {

// One for each upstream; at most a line a second, since all calls may fail. Thread-safe.
class UnavailableLog {
 public:
  void Report(std::string_view upstream, std::string_view reason);

 private:
  std::atomic<std::int64_t> reported_at_{-1};  // in seconds of the steady clock
};

}  // namespace puente
