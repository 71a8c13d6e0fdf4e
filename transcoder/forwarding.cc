#include "transcoder/forwarding.h"

#include <algorithm>
#include <utility>

#include "transcoder/header_list.h"
#include "transcoder/header_names.h"
#include "transcoder/origin_headers.h"

namespace puente {
namespace {

// Beside what `Connection` names; told anew on the other side.
bool IsFraming(std::string_view name) { return name == "content-length" || name == "expect"; }

bool IsNamedByConnection(std::span<const HeaderView> headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const HeaderView& header) {
    return EqualsIgnoreCase(header.name, "connection") &&
           !ForEachListElement(header.value, [&](std::string_view option) {
             return !EqualsIgnoreCase(option, name);
           });
  });
}

}  // namespace

Result<ForwardedHeaders> ForwardRequestHeaders(std::span<const HeaderView> headers,
                                               const RequestOrigin& origin) {
  OriginHeaders own(headers, origin);
  ForwardedHeaders forwarded;
  forwarded.passed_on.reserve(headers.size());
  bool has_authorization = false;
  for (const HeaderView& header : headers) {
    const std::string name = ToLowerCase(header.name);
    if (auto valid = CheckHeaderText(name, header.value); !valid) {
      return tl::unexpected(std::move(valid.error()));
    }
    if (IsFraming(name) || !own.Allows(name) || own.Take(name, header.value)) continue;
    if (name == "authorization" && std::exchange(has_authorization, true)) {
      return AuthorizationTwice();
    }
    forwarded.passed_on.push_back(header);
  }
  own.AppendForwarded(forwarded.added);
  own.AppendIds(forwarded.added);
  return forwarded;
}

std::vector<Header> ForwardAnswerHeaders(std::span<const HeaderView> headers) {
  std::vector<Header> answer;
  answer.reserve(headers.size());
  for (const HeaderView& header : headers) {
    const std::string name = ToLowerCase(header.name);
    if (IsHopByHop(name) || IsFraming(name) || IsPuentesOwn(name) ||
        IsNamedByConnection(headers, name)) {
      continue;
    }
    answer.push_back({std::string(header.name), std::string(header.value)});
  }
  return answer;
}

}  // namespace puente
