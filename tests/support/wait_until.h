// Waiting for what another thread brings about, with a deadline and without sleeping for a fixed
// time.
#pragma once

#include <chrono>
#include <thread>

namespace puente::test {

// How long a test waits for something that must happen before it fails.
inline constexpr std::chrono::seconds kPatience{10};

// Asks `condition` every millisecond until it is true. Returns whether it became true within
// `patience`.
template <class Condition>
bool WaitUntil(Condition condition, std::chrono::milliseconds patience = kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// Whether `count`, which another thread changes, stops changing.
template <class Count>
bool Settles(const Count& count) {
  auto seen = count.load();
  auto since = std::chrono::steady_clock::now();
  return WaitUntil([&] {
    const auto now = std::chrono::steady_clock::now();
    if (count != seen) {
      seen = count;
      since = now;
    }
    return now - since > std::chrono::milliseconds(400);
  });
}

}  // namespace puente::test
