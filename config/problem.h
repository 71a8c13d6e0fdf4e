// What is wrong with a configuration, and where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace puente {

struct Problem {
  std::string file;     // as it was given; or what stands for it ("command line"); or empty
  int line = 0;         // from 1; 0 when the problem has no place in a file
  int column = 0;       // from 1; 0 likewise
  std::string key;      // "upstreams[0].grpc.target"; empty when it is about the file as a whole
  std::string message;  // a sentence that needs nothing but the key

  bool operator==(const Problem&) const = default;
};

// "puente.yaml:12:5: upstreams[0].grpc.targt: unknown key; did you mean `target`?"; the parts that
// are not known are left out.
std::string ToString(const Problem& problem);

// By file, line and column, otherwise in the order they were found.
void SortByPosition(std::vector<Problem>& problems);

// "listeners" and "tls" are "listeners.tls"; "" and "tls" are "tls".
std::string JoinKey(std::string_view parent, std::string_view key);

// "listeners" and 0 are "listeners[0]".
std::string IndexKey(std::string_view list, std::size_t index);

// The key that holds `key`: "a[0].b" is held by "a[0]", that by "a", and that by "".
std::string_view ParentKey(std::string_view key);

}  // namespace puente
