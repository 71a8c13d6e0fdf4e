// How an Error looks to an HTTP client, and the only place that writes it.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

#include "transcoder/error.h"

namespace puente {

enum class ErrorFormat {
  // google.rpc.Status: {"code":5,"message":"…","details":[…]}
  kStatus,
  // AIP-193: {"error":{"code":404,"message":"…","status":"NOT_FOUND","details":[…]}}
  kAip193,
  // RFC 9457: {"type":"about:blank","title":"Not Found","status":404,"detail":"…",
  // "code":"NOT_FOUND","details":[…]}
  kProblem,
};

// "application/json", or "application/problem+json".
std::string_view ErrorContentType(ErrorFormat format);

struct ErrorBodyOptions {
  ErrorFormat format = ErrorFormat::kStatus;
  // Knows the types of details; not nullptr.
  const google::protobuf::DescriptorPool* pool = google::protobuf::DescriptorPool::generated_pool();
  int max_depth = 100;  // how deep the body may be nested
};

// The body of an answer that is an error, without `details` when there are none. The details come
// from `error.status_details` (whose message, when it is not empty, goes before `error.message`; a
// status_details that is not a google.rpc.Status is left out); each is printed by the type `pool`
// has for it, and one of an unknown type, of broken content or nested too deep becomes {"@type":
// url, "value": base64} by itself. Never fails: text that is not UTF-8 is printed with U+FFFD in
// place of the broken bytes. One line.
std::string PrintErrorBody(const Error& error, const ErrorBodyOptions& options = {});

// The object that tells of an error inside of a stream, for the framing to put where it belongs
// ({"error":…} on a line, or the data of an event): the body above, that of AIP-193 without the
// {"error":…} around it.
std::string PrintInBandError(const Error& error, const ErrorBodyOptions& options = {});

}  // namespace puente
