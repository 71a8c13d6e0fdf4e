// How an Error looks to an HTTP client: the JSON form of google.rpc.Status, and the only place that
// writes it.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "transcoder/error.h"

namespace puente {

// `{"code":5,"message":"…","details":[…]}`, without `details` when there are none. The details come
// from `error.status_details` (whose message, when it is not empty, goes before `error.message`; a
// status_details that is not a google.rpc.Status is left out); each is printed by the type `pool`
// has for it, and one of an unknown type, of broken content or nested deeper than `max_depth`
// becomes {"@type": url, "value": base64} by itself. Never fails: text that is not UTF-8 is printed
// with U+FFFD in place of the broken bytes.
std::string PrintErrorBody(const Error& error, const google::protobuf::DescriptorPool& pool,
                           int max_depth = 100);

}  // namespace puente
