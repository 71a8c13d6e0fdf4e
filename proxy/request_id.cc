#include "proxy/request_id.h"

#include "proxy/random.h"
#include "transcoder/metadata.h"
#include "transcoder/trace_context.h"

namespace puente {

std::string_view GivenRequestId(std::span<const HeaderView> headers) {
  const std::string_view* given = FindHeader(headers, "x-request-id");
  return given != nullptr && IsValidRequestId(*given) ? *given : std::string_view();
}

std::string RequestIdFor(std::span<const HeaderView> headers) {
  const std::string_view given = GivenRequestId(headers);
  return given.empty() ? NewUuid() : std::string(given);
}

std::string_view GivenTraceId(std::span<const HeaderView> headers) {
  constexpr std::size_t kBegin = 3;
  constexpr std::size_t kSize = 32;
  if (!ContinuesTrace(headers)) return {};
  return FindHeader(headers, "traceparent")->substr(kBegin, kSize);
}

}  // namespace puente
