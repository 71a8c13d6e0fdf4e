#include "transcoder/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "transcoder/base64.h"
#include "transcoder/header_list.h"
#include "transcoder/header_names.h"
#include "transcoder/origin_headers.h"

namespace puente {
namespace {

constexpr std::string_view kBinarySuffix = "-bin";
constexpr std::string_view kForwardedUserAgent = "x-forwarded-user-agent";

// Names that concern the HTTP message, the call or the proxy, not the service.
bool IsForProxyOnly(std::string_view name) {
  return name == "host" || name.starts_with("content-") || name == "accept-encoding" ||
         name == "expect" || name.starts_with("grpc-") || name.starts_with("sec-websocket-");
}

class RequestMetadata {
 public:
  RequestMetadata(std::span<const HeaderView> headers, const RequestOrigin& origin)
      : origin_(headers, origin) {
    entries_.reserve(headers.size() + 5);
  }

  Result<void> Add(const HeaderView& header) {
    std::string name = ToLowerCase(header.name);
    if (auto valid = CheckHeaderText(name, header.value); !valid) return valid;
    if (!IsMetadataKey(name) || IsForProxyOnly(name) || !origin_.Allows(name)) return {};
    if (name.ends_with(kBinarySuffix)) return AddBinary(name, header.value);
    if (origin_.Take(name, header.value)) return {};
    if (name == "authorization" && std::exchange(has_authorization_, true)) {
      return AuthorizationTwice();
    }
    if (name == "user-agent") {
      user_agent_ = header.value;
      return {};
    }
    has_user_agent_ |= name == kForwardedUserAgent;
    entries_.push_back({std::move(name), std::string(header.value)});
    return {};
  }

  std::vector<Header> Finish() {
    origin_.AppendForwarded(entries_);
    if (!user_agent_.empty() && !has_user_agent_) {
      entries_.push_back({std::string(kForwardedUserAgent), std::string(user_agent_)});
    }
    origin_.AppendIds(entries_);
    return std::move(entries_);
  }

 private:
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

  OriginHeaders origin_;
  std::vector<Header> entries_;
  std::string_view user_agent_;
  bool has_authorization_ = false;
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
