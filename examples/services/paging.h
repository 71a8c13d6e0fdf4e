// Pages of a list that is ordered by number (AIP-158).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "examples/services/rpc_errors.h"

namespace puente::examples {

// Which part of the list a request asks for.
struct Page {
  int size = 0;             // at most so many entries
  std::uint64_t after = 0;  // those with greater numbers
};

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// Reads page_size (0: the default; greater than the maximum: the maximum) and page_token (empty:
// from the start). INVALID_ARGUMENT for a negative size and for a token that PageToken did not
// make.
grpc::Status ReadPage(int page_size, const std::string& page_token, Page& page);

// The token of the page that begins after entry number `last`.
std::string PageToken(std::uint64_t last);

}  // namespace puente::examples
