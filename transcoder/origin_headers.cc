#include "transcoder/origin_headers.h"

#include <fmt/format.h>

#include <algorithm>

#include "transcoder/header_list.h"
#include "transcoder/header_names.h"

namespace puente {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// What the `Connection` headers name, save the two that every client sends.
std::vector<std::string> ConnectionOptions(std::span<const HeaderView> headers) {
  std::vector<std::string> names;
  for (const HeaderView& header : headers) {
    if (!EqualsIgnoreCase(header.name, "connection")) continue;
    ForEachListElement(header.value, [&](std::string_view option) {
      if (!EqualsIgnoreCase(option, "keep-alive") && !EqualsIgnoreCase(option, "close")) {
        names.push_back(ToLowerCase(option));
      }
      return true;
    });
  }
  std::ranges::sort(names);
  return names;
}

// Which way of telling trace context a header belongs to.
enum class TraceFormat { kNone, kW3c, kB3 };

TraceFormat TraceFormatOf(std::string_view name) {
  if (name == "traceparent" || name == "tracestate") return TraceFormat::kW3c;
  return name == "b3" || name.starts_with("x-b3-") ? TraceFormat::kB3 : TraceFormat::kNone;
}

// What only the proxy says.
bool IsOwn(std::string_view name) {
  return name == "x-request-id" || name == "x-client-identity" || IsPuentesOwn(name);
}

void Append(std::string_view name, std::string_view value, std::vector<Header>& headers) {
  if (value.empty() || !IsPrintableAscii(value)) return;
  headers.push_back({std::string(name), std::string(value)});
}

}  // namespace

std::string ToLowerCase(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), Lower);
  return lower;
}

Result<void> CheckHeaderText(std::string_view name, std::string_view value) {
  if (IsPrintableAscii(value)) return {};
  return Fail(Code::kInvalidArgument, fmt::format("header '{}': only printable ASCII is allowed",
                                                  IsMetadataKey(name) ? name : "(unusual name)"));
}

tl::unexpected<Error> AuthorizationTwice() {
  return Fail(Code::kInvalidArgument, "header 'authorization' is there twice");
}

void ReplaceTrace(std::span<const Header> trace, std::vector<Header>& headers) {
  const auto is_replaced = [&](const Header& header) {
    const TraceFormat format = TraceFormatOf(header.name);
    return format != TraceFormat::kNone && std::ranges::any_of(trace, [&](const Header& own) {
             return TraceFormatOf(own.name) == format;
           });
  };
  std::erase_if(headers, is_replaced);
  headers.insert(headers.end(), trace.begin(), trace.end());
}

OriginHeaders::OriginHeaders(std::span<const HeaderView> headers, const RequestOrigin& origin)
    : origin_(origin), connection_(ConnectionOptions(headers)) {}

bool OriginHeaders::Allows(std::string_view name) const {
  // Some servers take an underscore for a dash.
  if (name.find('_') != name.npos) {
    std::string dashed(name);
    std::ranges::replace(dashed, '_', '-');
    if (IsOwn(dashed) || IsForwarded(dashed)) return false;
  }
  if (IsHopByHop(name) || IsOwn(name) || name == origin_.hidden) return false;
  if (const TraceFormat format = TraceFormatOf(name); format != TraceFormat::kNone) {
    return std::ranges::find(origin_.trace, format, [](const Header& header) {
             return TraceFormatOf(header.name);
           }) == origin_.trace.end();
  }
  if (IsForwarded(name)) return origin_.trusted;
  return IsKeptDespiteConnection(name) || !std::ranges::binary_search(connection_, name);
}

bool OriginHeaders::Take(std::string_view name, std::string_view value) {
  if (!IsForwarded(name)) return false;
  if (name == "x-forwarded-for") {
    AppendAddress(value);
    return true;
  }
  if (value.empty()) return true;
  has_proto_ |= name == "x-forwarded-proto";
  has_host_ |= name == "x-forwarded-host";
  return false;
}

void OriginHeaders::AppendAddress(std::string_view address) {
  if (address.empty()) return;
  if (!forwarded_for_.empty()) forwarded_for_.append(", ");
  forwarded_for_.append(address);
}

void OriginHeaders::AppendForwarded(std::vector<Header>& headers) const {
  const bool both = !forwarded_for_.empty() && !origin_.peer_address.empty();
  if (both) {
    Append("x-forwarded-for", fmt::format("{}, {}", forwarded_for_, origin_.peer_address), headers);
  } else {
    Append("x-forwarded-for", forwarded_for_.empty() ? origin_.peer_address : forwarded_for_,
           headers);
  }
  if (!has_proto_) Append("x-forwarded-proto", origin_.scheme, headers);
  if (!has_host_) Append("x-forwarded-host", origin_.host, headers);
}

void OriginHeaders::AppendIds(std::vector<Header>& headers) const {
  Append("x-request-id", origin_.request_id, headers);
  Append("x-client-identity", origin_.client_identity, headers);
  for (const Header& header : origin_.trace) Append(header.name, header.value, headers);
}

}  // namespace puente
