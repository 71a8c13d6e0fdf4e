#include "transcoder/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "transcoder/base64.h"
#include "transcoder/header_names.h"
#include "transcoder/header_value.h"

namespace puente {
namespace {

constexpr std::string_view kBinarySuffix = "-bin";
constexpr std::string_view kForwardedUserAgent = "x-forwarded-user-agent";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), Lower);
  return lower;
}

// Calls `visit(element)` for each element of a comma-separated list, empty ones included, until it
// returns false. Returns whether all were visited.
template <class Visit>
bool ForEachListElement(std::string_view list, Visit visit) {
  while (true) {
    const auto comma = list.find(',');
    if (!visit(TrimHeaderValue(list.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

// The names in the `Connection` headers of a request, save the two that every client sends.
class ConnectionOptions {
 public:
  explicit ConnectionOptions(std::span<const HeaderView> headers) {
    for (const auto& header : headers) {
      if (EqualsIgnoreCase(header.name, "connection")) Add(header.value);
    }
    std::ranges::sort(names_);
  }

  bool Names(std::string_view name) const { return std::ranges::binary_search(names_, name); }

 private:
  void Add(std::string_view list) {
    ForEachListElement(list, [this](std::string_view option) {
      if (!EqualsIgnoreCase(option, "keep-alive") && !EqualsIgnoreCase(option, "close")) {
        names_.push_back(ToLower(option));
      }
      return true;
    });
  }

  std::vector<std::string> names_;
};

// Names that concern the HTTP message, the call or the proxy, not the service.
bool IsForProxyOnly(std::string_view name) {
  return name == "host" || name.starts_with("content-") || name == "accept-encoding" ||
         name == "expect" || name == "x-request-id" || name == "x-client-identity" ||
         name.starts_with("grpc-") || name.starts_with("sec-websocket-") || IsHopByHop(name);
}

// Which way of telling trace context a header belongs to.
enum class TraceFormat { kNone, kW3c, kB3 };

TraceFormat TraceFormatOf(std::string_view name) {
  if (name == "traceparent" || name == "tracestate") return TraceFormat::kW3c;
  return name == "b3" || name.starts_with("x-b3-") ? TraceFormat::kB3 : TraceFormat::kNone;
}

class RequestMetadata {
 public:
  RequestMetadata(std::span<const HeaderView> headers, const RequestOrigin& origin)
      : origin_(origin), options_(headers) {
    entries_.reserve(headers.size() + 5);
  }

  Result<void> Add(const HeaderView& header) {
    std::string name = ToLower(header.name);
    const bool is_key = IsMetadataKey(name);
    if (!IsPrintableAscii(header.value)) {
      return Fail(Code::kInvalidArgument,
                  fmt::format("header '{}': only printable ASCII is allowed",
                              is_key ? name : "(unusual name)"));
    }
    if (!is_key || IsForProxyOnly(name) || !IsAllowedThrough(name)) return {};
    if (name.ends_with(kBinarySuffix)) return AddBinary(name, header.value);
    if (IsForwarded(name)) {
      AddForwarded(std::move(name), header.value);
      return {};
    }
    if (name == "authorization" && std::exchange(has_authorization_, true)) {
      return Fail(Code::kInvalidArgument, "header 'authorization' is there twice");
    }
    if (name == "user-agent") {
      user_agent_ = header.value;
      return {};
    }
    entries_.push_back({std::move(name), std::string(header.value)});
    return {};
  }

  std::vector<Header> Finish() {
    AddForwardedFor();
    if (!has_proto_) AddOwn("x-forwarded-proto", origin_.scheme);
    if (!has_host_) AddOwn("x-forwarded-host", origin_.host);
    if (!has_user_agent_) AddOwn(kForwardedUserAgent, user_agent_);
    AddOwn("x-request-id", origin_.request_id);
    AddOwn("x-client-identity", origin_.client_identity);
    for (const Header& header : origin_.trace) AddOwn(header.name, header.value);
    return std::move(entries_);
  }

 private:
  bool IsAllowedThrough(std::string_view name) const {
    if (const TraceFormat format = TraceFormatOf(name); format != TraceFormat::kNone) {
      return std::ranges::find(origin_.trace, format, [](const Header& header) {
               return TraceFormatOf(header.name);
             }) == origin_.trace.end();
    }
    if (IsForwarded(name)) return origin_.trusted;
    return IsKeptDespiteConnection(name) || !options_.Names(name);
  }

  void AddForwarded(std::string name, std::string_view value) {
    if (name == "x-forwarded-for") {
      AppendAddress(value);
      return;
    }
    if (value.empty()) return;
    has_proto_ |= name == "x-forwarded-proto";
    has_host_ |= name == "x-forwarded-host";
    has_user_agent_ |= name == kForwardedUserAgent;
    entries_.push_back({std::move(name), std::string(value)});
  }

  Result<void> AddBinary(const std::string& name, std::string_view value) {
    const bool valid = ForEachListElement(value, [&](std::string_view element) {
      auto bytes = DecodeBase64(element);
      if (!bytes) return false;
      entries_.push_back({name, *std::move(bytes)});
      return true;
    });
    if (valid) return {};
    return Fail(Code::kInvalidArgument, fmt::format("header '{}': expected base64", name));
  }

  void AddForwardedFor() {
    AppendAddress(origin_.peer_address);
    AddOwn("x-forwarded-for", forwarded_for_);
  }

  void AppendAddress(std::string_view address) {
    if (address.empty()) return;
    if (!forwarded_for_.empty()) forwarded_for_.append(", ");
    forwarded_for_.append(address);
  }

  void AddOwn(std::string_view name, std::string_view value) {
    if (value.empty() || !IsPrintableAscii(value)) return;
    entries_.push_back({std::string(name), std::string(value)});
  }

  const RequestOrigin& origin_;
  ConnectionOptions options_;
  std::vector<Header> entries_;
  std::string forwarded_for_;
  std::string_view user_agent_;
  bool has_authorization_ = false;
  bool has_proto_ = false;
  bool has_host_ = false;
  bool has_user_agent_ = false;
};

// The length of the unit in nanoseconds, 0 for what is no unit.
std::int64_t UnitNanoseconds(char unit) {
  switch (unit) {
    case 'H':
      return 3'600'000'000'000;
    case 'M':
      return 60'000'000'000;
    case 'S':
      return 1'000'000'000;
    case 'm':
      return 1'000'000;
    case 'u':
      return 1'000;
    case 'n':
      return 1;
    default:
      return 0;
  }
}

std::optional<std::chrono::nanoseconds> ParseTimeoutValue(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  const std::int64_t unit = UnitNanoseconds(text.back());
  if (unit == 0) return std::nullopt;
  text.remove_suffix(1);
  std::int64_t count = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + (c - '0');
  }
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return std::chrono::nanoseconds(count > kMax / unit ? kMax : count * unit);
}

// Names that describe the bytes of the gRPC answer, not of the HTTP one, or that Puente reads
// itself.
bool IsHiddenFromClients(std::string_view key) {
  static constexpr auto kHidden = std::to_array<std::string_view>(
      {"content-encoding", "content-length", "content-type", "date", "x-http-code"});
  return std::ranges::find(kHidden, key) != kHidden.end() || key.starts_with("grpc-") ||
         IsHopByHop(key);
}

}  // namespace

Result<std::vector<Header>> MetadataFromHeaders(std::span<const HeaderView> headers,
                                                const RequestOrigin& origin) {
  RequestMetadata metadata(headers, origin);
  for (const auto& header : headers) {
    if (auto added = metadata.Add(header); !added) return tl::unexpected(std::move(added.error()));
  }
  return metadata.Finish();
}

Result<std::optional<std::chrono::nanoseconds>> ParseGrpcTimeout(
    std::span<const HeaderView> headers) {
  std::optional<std::chrono::nanoseconds> timeout;
  for (const auto& header : headers) {
    if (!EqualsIgnoreCase(header.name, "grpc-timeout")) continue;
    if (timeout) return Fail(Code::kInvalidArgument, "header 'grpc-timeout' is there twice");
    timeout = ParseTimeoutValue(header.value);
    if (!timeout) {
      return Fail(Code::kInvalidArgument,
                  "header 'grpc-timeout': expected 1 to 8 digits and a unit (H, M, S, m, u or n)");
    }
  }
  return timeout;
}

bool IsValidRequestId(std::string_view id) {
  return !id.empty() && id.size() <= 128 && IsPrintableAscii(id) &&
         id.find(' ') == std::string_view::npos;
}

void AppendHeadersFromMetadata(std::span<const MetadataView> metadata,
                               std::vector<Header>& headers) {
  for (const auto& [key, value] : metadata) {
    if (!IsMetadataKey(key) || IsHiddenFromClients(key)) continue;
    if (key.ends_with(kBinarySuffix)) {
      headers.push_back({std::string(key), EncodeBase64(value)});
    } else if (IsPrintableAscii(value)) {
      headers.push_back({std::string(key), std::string(value)});
    }
  }
}

std::optional<int> HttpCodeOverride(std::span<const MetadataView> metadata) {
  const auto entry = std::ranges::find(metadata, "x-http-code", &MetadataView::key);
  if (entry == metadata.end() || entry->value.size() != 3) return std::nullopt;
  int code = 0;
  for (const char c : entry->value) {
    if (c < '0' || c > '9') return std::nullopt;
    code = code * 10 + (c - '0');
  }
  return code >= 200 && code <= 599 ? std::optional(code) : std::nullopt;
}

}  // namespace puente
