// The whole proxy: owns and wires everything.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_config.h"

namespace puente {

class Snapshot;

// Where a configuration comes from, for reading it anew.
struct ConfigSource {
  std::string file;                    // to be watched; "": it is not in a file
  std::function<LoadResult()> reload;  // nullptr: it never changes, only the files that it names
};

// A running proxy. Start and the destructor belong to one thread; everything else may be called
// from any.
class App {
 public:
  // Loads all that the configuration names, binds every socket and begins to serve. What is wrong
  // is added to `problems`, and nullptr returned; nothing is left running then. From now on what
  // the files say is served whenever they change (design section 6).
  static std::unique_ptr<App> Start(LoadedConfig loaded, std::vector<Problem>& problems,
                                    ConfigSource source = {});

  // Checks everything that Start would load, without binding a socket, and adds what is wrong to
  // `problems`; nullptr then. Asks upstreams for their descriptors, where the configuration says
  // so, and blocks until they have answered; without them something is wrong.
  static std::shared_ptr<const Snapshot> Check(const LoadedConfig& loaded,
                                               std::vector<Problem>& problems);

  // Cuts what is still open.
  ~App();

  // The port that the listener called `name` is bound to; 0 when there is none.
  std::uint16_t port(std::string_view name) const;
  std::uint16_t admin_port() const;

  // Reads everything anew, soon, because of `cause`, which the log tells ("SIGHUP").
  void Reload(std::string cause);

  // Begins to stop, as the configuration's `drain` says: not ready at once, accepting for `delay`,
  // finishing what is in flight for at most `timeout`. Once.
  void BeginDrain();
  // Waits until the drain is complete. True: everything in flight was finished; false: something
  // had to be cut.
  bool WaitUntilDrained();

 private:
  class State;
  explicit App(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace puente
