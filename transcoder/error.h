// The one kind of failure that requests end with. Whatever goes wrong, in Puente or upstream,
// becomes an Error and leaves through `error_body.h` as a google.rpc.Status.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace puente {

// google.rpc.Code, numbers and names as on the wire (github.com/googleapis/googleapis,
// google/rpc/code.proto).
enum class Code : int {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};
inline constexpr int kCodeCount = 17;

// The code of this number; kUnknown for one outside of the table.
Code CodeOfNumber(int number);

// "NOT_FOUND"; a number outside of the table is "UNKNOWN".
std::string_view CodeName(Code code);

// The HTTP status of google/rpc/code.proto: 404 for NOT_FOUND, 499 for CANCELLED, 500 for what is
// outside of the table.
int HttpStatusOf(Code code);

struct Error {
  Code code = Code::kUnknown;
  std::string
      message;  // for the client: says what and where, never repeats a value that came from outside
  int http_status = 0;  // 0: HttpStatusOf(code)
  // The serialized google.rpc.Status of an upstream's grpc-status-details-bin; empty when there is
  // none.
  std::string status_details;
  // Headers that belong to this answer: Allow, WWW-Authenticate, Retry-After.
  std::vector<std::pair<std::string, std::string>> headers;
  bool from_upstream = false;  // it is the upstream's own answer, in its words

  int HttpStatus() const { return http_status != 0 ? http_status : HttpStatusOf(code); }
};

template <class T>
using Result = tl::expected<T, Error>;

// `return Fail(Code::kNotFound, "no route for this path")`, in any function that returns a Result.
inline tl::unexpected<Error> Fail(Code code, std::string message, int http_status = 0) {
  return tl::unexpected(Error{code, std::move(message), http_status, {}, {}});
}

}  // namespace puente
