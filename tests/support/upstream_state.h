// What a FakeUpstream keeps while its server stops and starts: scripts and records.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <variant>

#include "tests/support/fake_upstream.h"

namespace puente::test {

using UpstreamScript = std::variant<FakeUpstream::UnaryScript, FakeUpstream::StreamScript>;

struct UpstreamState {
  mutable std::mutex mutex;  // guards all of it
  mutable std::condition_variable changed;
  std::map<std::string, UpstreamScript> scripts;
  std::deque<RecordedCall> calls;  // only grows: references stay valid
  bool holding = false;
};

}  // namespace puente::test
