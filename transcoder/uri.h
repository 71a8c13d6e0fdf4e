// The request target: its path and query, and percent-encoding (RFC 3986; design section 4, rules 7
// and 12).
#pragma once

#include <string>
#include <string_view>

#include "transcoder/error.h"

namespace puente {

// A request target in origin-form ("/a/b?c=d"), split but not decoded. Views into what was split.
struct Target {
  std::string_view path;   // begins with '/'
  std::string_view query;  // without the '?'
};

// Splits `target` at the first '?'. Errors (400, INVALID_ARGUMENT, saying which): it does not begin
// with '/', holds a '#', a byte outside of printable ASCII, a malformed percent escape or an
// encoded NUL in path or query, or its path has a segment that is "." or ".." (encoded or not).
Result<Target> SplitTarget(std::string_view target);

// That every '%' of `text` begins a well-formed escape and that it holds no NUL, encoded or not.
// The error (400, INVALID_ARGUMENT) says which; `name` is what `text` is: "query".
Result<void> CheckEscapes(std::string_view text, std::string_view name);

// Which escapes are left as they are.
enum class Decoding {
  kAll,          // a single segment, a literal, a query parameter
  kExceptSlash,  // a capture of several segments: %2F stays, in upper case
};

// `text` with its escapes decoded. A malformed escape stays as it is (SplitTarget has refused
// those); '+' is left alone.
std::string PercentDecode(std::string_view text, Decoding decoding = Decoding::kAll);

// Whether `path`, as SplitTarget gives it, begins with `prefix`, which has no escapes. Those of
// `path` are undone for it, save that of a slash: "/%6Cegacy/" begins with "/legacy/", and
// "/legacy%2F" does not. Takes linear time and no memory.
bool HasPathPrefix(std::string_view path, std::string_view prefix);

// Whether `path`, as SplitTarget gives it, would have a segment that is "." or ".." for a server
// that takes "%2F", "%5C" or a backslash for a slash.
bool HasHiddenDotSegment(std::string_view path);

// A name or a value of a query string or a form: like PercentDecode(kAll), and '+' becomes a space
// when `plus_is_space`.
std::string QueryDecode(std::string_view text, bool plus_is_space = true);

}  // namespace puente
