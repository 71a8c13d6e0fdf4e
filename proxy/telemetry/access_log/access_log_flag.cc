#include "proxy/telemetry/access_log/access_log_flag.h"

namespace puente {

std::string_view FlagText(AccessLogFlag flag) {
  switch (flag) {
    case AccessLogFlag::kNone:
      return "";
    case AccessLogFlag::kBadRequest:
      return "bad_request";
    case AccessLogFlag::kRequestTimeout:
      return "request_timeout";
    case AccessLogFlag::kNoRoute:
      return "no_route";
    case AccessLogFlag::kMethodNotAllowed:
      return "method_not_allowed";
    case AccessLogFlag::kNotReady:
      return "not_ready";
    case AccessLogFlag::kForbidden:
      return "forbidden";
    case AccessLogFlag::kDeadline:
      return "deadline";
    case AccessLogFlag::kUpstreamUnavailable:
      return "upstream_unavailable";
    case AccessLogFlag::kCircuitOpen:
      return "circuit_open";
    case AccessLogFlag::kBadAnswer:
      return "bad_answer";
    case AccessLogFlag::kClientLeft:
      return "client_left";
    case AccessLogFlag::kClientSlow:
      return "client_slow";
    case AccessLogFlag::kShutdown:
      return "shutdown";
  }
  return "";
}

AccessLogFlag FlagBeforeCall(const Error& error) {
  switch (error.HttpStatus()) {
    case 403:
      return AccessLogFlag::kForbidden;
    case 404:
      return AccessLogFlag::kNoRoute;
    case 405:
      return AccessLogFlag::kMethodNotAllowed;
    case 408:
      return AccessLogFlag::kRequestTimeout;
    case 499:
      return AccessLogFlag::kClientLeft;
    case 503:
      return AccessLogFlag::kNotReady;
    case 504:
      return AccessLogFlag::kDeadline;
    default:
      return AccessLogFlag::kBadRequest;
  }
}

AccessLogFlag FlagOfCall(const Error& error) {
  // gRPC does not tell whether the upstream said so, or the connection broke.
  if (error.from_upstream && error.code == Code::kUnavailable) {
    return AccessLogFlag::kUpstreamUnavailable;
  }
  if (error.from_upstream) return AccessLogFlag::kNone;
  if (error.HttpStatus() == 408) return AccessLogFlag::kRequestTimeout;
  switch (error.code) {
    case Code::kCancelled:
      return AccessLogFlag::kClientLeft;
    case Code::kDeadlineExceeded:
      return AccessLogFlag::kDeadline;
    case Code::kUnavailable:
      return AccessLogFlag::kUpstreamUnavailable;
    case Code::kInvalidArgument:
    case Code::kResourceExhausted:
      return AccessLogFlag::kBadRequest;
    default:
      return AccessLogFlag::kBadAnswer;
  }
}

}  // namespace puente
