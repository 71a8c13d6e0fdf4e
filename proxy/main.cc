#include <absl/synchronization/mutex.h>

#include "proxy/command_line.h"

// Read by jemalloc when it starts: one arena is enough for a thread per CPU, and what a burst of
// large bodies took goes back to the system soon.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:1,dirty_decay_ms:250,muzzy_decay_ms:0";

int main(int argc, char** argv) {
  // Debian's Abseil is built to look for deadlocks at each lock that gRPC takes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return puente::RunCommandLine(argc, argv);
}
