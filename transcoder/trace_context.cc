#include "transcoder/trace_context.h"

#include <algorithm>

#include "transcoder/header_value.h"
#include "transcoder/hex.h"

namespace puente {
namespace {

constexpr std::size_t kMostStateMembers = 32;
constexpr std::size_t kMostStateBytes = 512;

template <class Id>
bool ReadId(std::string_view text, Id& id) {
  return ReadHex(text, id) && std::ranges::any_of(id, [](std::uint8_t byte) { return byte != 0; });
}

// A key is lower-case letters, digits and "_-*/@"; a value is printable, without ',' and '='.
bool IsStateMember(std::string_view member) {
  const auto equals = member.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == member.size()) return false;
  const auto is_key_byte = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("_-*/@").find(c) != std::string_view::npos;
  };
  const std::string_view value = member.substr(equals + 1);
  return std::ranges::all_of(member.substr(0, equals), is_key_byte) && IsPrintableAscii(value) &&
         value.find('=') == std::string_view::npos;
}

// The members of all fields, in order; "" when there are too many, or one is malformed.
std::string ReadTraceState(std::span<const HeaderView> headers) {
  std::string state;
  std::size_t members = 0;
  for (const HeaderView& header : headers) {
    if (!EqualsIgnoreCase(header.name, "tracestate")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      const std::string_view member = TrimHeaderValue(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      if (member.empty()) continue;
      if (!IsStateMember(member) || ++members > kMostStateMembers) return {};
      if (!state.empty()) state += ',';
      state += member;
    }
  }
  return state.size() <= kMostStateBytes ? state : std::string();
}

bool ReadB3Ids(std::string_view trace_id, std::string_view span_id, TraceContext& context) {
  if (trace_id.size() == 16) {
    std::span<std::uint8_t> low(context.trace_id);
    if (!ReadHex(trace_id, low.subspan(8))) return false;
    if (context.trace_id == TraceId{}) return false;
  } else if (!ReadId(trace_id, context.trace_id)) {
    return false;
  }
  return ReadId(span_id, context.span_id);
}

// "1" and "d" (debug), in the old form also "true". Without a word the trace is kept: whoever began
// it has left the decision to others.
bool IsB3Sampled(std::string_view text) {
  return text.empty() || text == "1" || text == "d" || text == "true";
}

bool IsB3Sampling(std::string_view text) {
  return IsB3Sampled(text) || text == "0" || text == "false";
}

std::optional<TraceContext> ParseB3(std::string_view value) {
  std::array<std::string_view, 4> parts;
  std::size_t count = 0;
  while (count < parts.size()) {
    const auto dash = value.find('-');
    parts[count++] = value.substr(0, dash);
    if (dash == std::string_view::npos) break;
    value.remove_prefix(dash + 1);
    if (count == parts.size()) return std::nullopt;
  }
  TraceContext context;
  SpanId parent;
  if (count < 2 || !ReadB3Ids(parts[0], parts[1], context)) return std::nullopt;
  if (count > 2 && (parts[2].empty() || !IsB3Sampling(parts[2]))) return std::nullopt;
  if (count > 3 && !ReadId(parts[3], parent)) return std::nullopt;
  context.sampled = IsB3Sampled(parts[2]);
  context.debug = parts[2] == "d";
  return context;
}

std::optional<TraceContext> ReadB3MultiContext(std::span<const HeaderView> headers) {
  const auto value_of = [&](std::string_view name) {
    const std::string_view* value = FindHeader(headers, name);
    return value == nullptr ? std::string_view() : *value;
  };
  TraceContext context;
  const std::string_view sampled = value_of("x-b3-sampled");
  const bool read = ReadB3Ids(value_of("x-b3-traceid"), value_of("x-b3-spanid"), context);
  if (!read || !IsB3Sampling(sampled)) return std::nullopt;
  context.debug = value_of("x-b3-flags") == "1";
  context.sampled = context.debug || IsB3Sampled(sampled);
  return context;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view value) {
  constexpr std::size_t kSize = 55;
  if (value.size() < kSize || value[2] != '-' || value[35] != '-' || value[52] != '-') {
    return std::nullopt;
  }
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext context;
  const bool read =
      ReadHex(value.substr(0, 2), version) && ReadId(value.substr(3, 32), context.trace_id) &&
      ReadId(value.substr(36, 16), context.span_id) && ReadHex(value.substr(53, 2), flags);
  if (!read || version[0] == 0xff) return std::nullopt;
  if (value.size() > kSize && (version[0] == 0 || value[kSize] != '-')) return std::nullopt;
  context.sampled = (flags[0] & 1) != 0;
  return context;
}

std::string FormatTraceparent(const TraceContext& context) {
  std::string text = "00-00000000000000000000000000000000-0000000000000000-00";
  WriteHex(context.trace_id, &text[3]);
  WriteHex(context.span_id, &text[36]);
  if (context.sampled) text.back() = '1';
  return text;
}

std::optional<TraceContext> ReadW3cContext(std::span<const HeaderView> headers) {
  const auto is_traceparent = [](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, "traceparent");
  };
  const auto first = std::ranges::find_if(headers, is_traceparent);
  if (first == headers.end() || std::any_of(first + 1, headers.end(), is_traceparent)) {
    return std::nullopt;
  }
  std::optional<TraceContext> context = ParseTraceparent(first->value);
  if (context) context->trace_state = ReadTraceState(headers);
  return context;
}

std::optional<TraceContext> ReadB3Context(std::span<const HeaderView> headers) {
  const std::string_view* single = FindHeader(headers, "b3");
  std::optional<TraceContext> context;
  if (single != nullptr) context = ParseB3(*single);
  return context ? context : ReadB3MultiContext(headers);
}

bool DeclinesB3Sampling(std::span<const HeaderView> headers) {
  const std::string_view* single = FindHeader(headers, "b3");
  if (single != nullptr) return *single == "0";
  const std::string_view* sampled = FindHeader(headers, "x-b3-sampled");
  return sampled != nullptr && !IsB3Sampled(*sampled) &&
         FindHeader(headers, "x-b3-traceid") == nullptr;
}

std::string FormatB3(const TraceContext& context) {
  std::string text = ToHex(context.trace_id);
  text.append("-").append(ToHex(context.span_id));
  text.append(context.debug ? "-d" : context.sampled ? "-1" : "-0");
  return text;
}

}  // namespace puente
