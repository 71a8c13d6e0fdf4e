// The headers of trace context: each line of the input is a header field.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "transcoder/trace_context.h"

namespace puente {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

std::vector<HeaderView> HeadersOf(std::string_view text) {
  std::vector<HeaderView> headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  return headers;
}

void CheckContext(const TraceContext& context) {
  Check(context.trace_id != TraceId{} && context.span_id != SpanId{});
  Check(context.trace_state.size() <= 512 && IsPrintableAscii(context.trace_state));
  const auto again = ParseTraceparent(FormatTraceparent(context));
  Check(again && again->trace_id == context.trace_id && again->span_id == context.span_id &&
        again->sampled == context.sampled);
  const std::string b3 = FormatB3(context);
  const auto of_b3 = ReadB3Context(std::vector<HeaderView>{{"b3", b3}});
  Check(of_b3 && of_b3->trace_id == context.trace_id && of_b3->sampled == context.sampled);
}

}  // namespace
}  // namespace puente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto headers = puente::HeadersOf(text);
  if (const auto context = puente::ReadW3cContext(headers)) puente::CheckContext(*context);
  if (const auto context = puente::ReadB3Context(headers)) puente::CheckContext(*context);
  puente::DeclinesB3Sampling(headers);
  return 0;
}
