// Any bytes: the scanner neither crashes nor reads outside, and finds the same in both of its ways.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "transcoder/json_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  puente::JsonScanner plain(text, 20);
  const bool is_json = plain.Skip() && plain.End();
  puente::JsonScanner indexed(text, 20);
  indexed.FindType();
  const bool is_json_after_lookahead = indexed.Skip() && indexed.End();
  if (is_json != is_json_after_lookahead) std::abort();
  if (is_json == plain.problem().has_value()) std::abort();
  return 0;
}
