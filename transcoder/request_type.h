// What the body of a request is, by its Content-Type.
#pragma once

#include <span>
#include <string_view>

#include "transcoder/error.h"
#include "transcoder/http_message.h"
#include "transcoder/route.h"

namespace puente {

// The value of Content-Type, a view into `headers`; empty when there is none. Error (400): it is
// there twice.
Result<std::string_view> ContentTypeOf(std::span<const HeaderView> headers);

// Whether Content-Encoding says that the body is gzip. 415, with what is accepted, for any other
// than gzip and identity.
Result<bool> IsGzipBody(std::span<const HeaderView> headers);

// 415 for a body that is no stream of messages for `route`.
Result<void> CheckStreamType(const Route& route, std::string_view content_type);

}  // namespace puente
