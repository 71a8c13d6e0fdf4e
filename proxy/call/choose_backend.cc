#include "proxy/call/choose_backend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/random.h"
#include "proxy/traffic/weighted_choice.h"

namespace puente {
namespace {

bool CanTake(const Backend& backend, bool only_http) { return !only_http || backend.http; }

tl::unexpected<Error> NotServed() {
  return Fail(Code::kNotFound, "nothing is served under this path");
}

tl::unexpected<Error> NoSuchBackend(const RoutePolicy& policy) {
  return Fail(Code::kInvalidArgument,
              fmt::format("header '{}': expected {}", policy.override_header,
                          fmt::join(policy.split->backends(), " or ")));
}

Result<const Backend*> Overridden(const RoutePolicy& policy, std::string_view name,
                                  bool only_http) {
  const auto index = policy.split->Find(name);
  if (!index) return NoSuchBackend(policy);
  const Backend& backend = policy.backends[*index];
  if (!CanTake(backend, only_http)) return NotServed();
  return &backend;
}

std::uint64_t CallerOf(const RoutePolicy& policy, std::span<const HeaderView> headers) {
  const auto key = policy.sticky ? policy.sticky->Of(headers) : std::nullopt;
  return key ? CallerHash(*key) : RandomBits();
}

// A bit for each backend that can take the request.
std::uint32_t Candidates(const RoutePolicy& policy, bool only_http) {
  std::uint32_t candidates = 0;
  for (std::size_t i = 0; i < policy.backends.size(); ++i) {
    if (CanTake(policy.backends[i], only_http)) candidates |= std::uint32_t{1} << i;
  }
  return candidates;
}

}  // namespace

Result<const Backend*> ChooseBackend(const RoutePolicy& policy, std::span<const HeaderView> headers,
                                     bool only_http) {
  if (!policy.split) {
    if (!CanTake(policy.backends.front(), only_http)) return NotServed();
    return &policy.backends.front();
  }
  if (!policy.override_header.empty()) {
    const std::string_view* name = FindHeader(headers, policy.override_header);
    if (name != nullptr) return Overridden(policy, *name, only_http);
  }
  const std::uint32_t candidates = Candidates(policy, only_http);
  if (candidates == 0) return NotServed();
  return &policy.backends[policy.split->ChooseAmong(CallerOf(policy, headers), candidates)];
}

}  // namespace puente
