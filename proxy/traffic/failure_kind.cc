#include "proxy/traffic/failure_kind.h"

namespace puente {
namespace {

constexpr int kFirstClientError = 400;
constexpr int kFirstServerError = 500;

}  // namespace

Outcome OutcomeOf(Code code, DeadlineBy deadline) {
  switch (code) {
    case Code::kDeadlineExceeded:
      return deadline == DeadlineBy::kClient ? Outcome::kNeutral : Outcome::kFailure;
    case Code::kUnavailable:
    case Code::kInternal:
    case Code::kUnknown:
    case Code::kDataLoss:
      return Outcome::kFailure;
    case Code::kCancelled:
      return Outcome::kNeutral;
    default:
      return Outcome::kSuccess;
  }
}

Outcome OutcomeOfHttpStatus(int status) {
  return status >= kFirstServerError ? Outcome::kFailure : Outcome::kSuccess;
}

Code CodeOfHttpStatus(int status) {
  switch (status) {
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 409:
      return Code::kAborted;
    case 429:
      return Code::kResourceExhausted;
    case 499:
      return Code::kCancelled;
    case 501:
      return Code::kUnimplemented;
    case 502:
    case 503:
      return Code::kUnavailable;
    case 408:
    case 504:
      return Code::kDeadlineExceeded;
    default:
      break;
  }
  if (status < kFirstClientError) return Code::kOk;
  return status < kFirstServerError ? Code::kInvalidArgument : Code::kInternal;
}

}  // namespace puente
