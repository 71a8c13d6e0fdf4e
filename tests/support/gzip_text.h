// gzip for tests, straight over zlib: it shares no code with the proxy.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace puente::test {

std::string Gzip(std::string_view text);

// Unpacks what has arrived so far, as a browser does. Throws std::runtime_error for what is not
// gzip.
class Gunzip {
 public:
  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // All that can be unpacked of what was given so far and was not returned yet.
  std::string Feed(std::string_view packed);
  // Whether the end of the gzip data has been seen, and nothing behind it.
  bool complete() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The whole of it; throws when it is not complete.
std::string GunzipAll(std::string_view packed);

}  // namespace puente::test
