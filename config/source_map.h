// Where the keys of a configuration are written.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/problem.h"

namespace puente {

// A plain value. Keys are paths like "upstreams[0].grpc.target", in the names of puente.proto.
class SourceMap {
 public:
  struct Position {
    int line;    // from 1
    int column;  // from 1
  };

  SourceMap() = default;
  // `origin` is the file, or what stands for it in messages ("command line").
  explicit SourceMap(std::string_view origin) : origin_(origin) {}

  const std::string& origin() const { return origin_; }

  // Keeps the first position that is given for a key.
  void Add(std::string key, Position position);

  // Whether the file has this very key (also when its value could not be used).
  bool Has(std::string_view key) const;

  // A problem with `key`, at the key's line, or at that of the nearest key that holds it.
  Problem At(std::string_view key, std::string message) const;

 private:
  std::string origin_;
  std::map<std::string, Position, std::less<>> positions_;
};

}  // namespace puente
