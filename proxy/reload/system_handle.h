// A file descriptor of the operating system, and who closes it.
#pragma once

#include <unistd.h>

namespace puente {

// Closes it at the end of its life. -1 is none.
class SystemHandle {
 public:
  explicit SystemHandle(int number) : number_(number) {}
  ~SystemHandle() {
    if (number_ >= 0) ::close(number_);
  }
  SystemHandle(const SystemHandle&) = delete;
  SystemHandle& operator=(const SystemHandle&) = delete;

  int number() const { return number_; }

 private:
  const int number_;
};

}  // namespace puente
