#include "proxy/traffic/retry_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "config/duration_text.h"

namespace puente {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr auto kIdempotentMethods =
    std::to_array<std::string_view>({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"});

// Enough to get from a nanosecond to any time there is.
constexpr std::uint32_t kMostDoublings = 63;

std::uint32_t BitOf(int code) { return 1u << static_cast<unsigned>(code); }

// A decimal number that is not negative, and nothing else.
std::optional<std::int32_t> ReadNumber(std::string_view text) {
  std::int32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number < 0) return std::nullopt;
  return number;
}

// nullopt: the upstream asks for no further try.
std::optional<nanoseconds> ReadPushback(std::string_view text) {
  const auto wait = ReadNumber(text);
  if (!wait) return std::nullopt;
  return milliseconds(*wait);
}

// nullopt: it says nothing that is understood.
std::optional<nanoseconds> ReadRetryAfter(std::string_view text) {
  const auto wait = ReadNumber(text);
  if (!wait) return std::nullopt;
  return seconds(*wait);
}

}  // namespace

bool IsIdempotent(std::string_view http_method,
                  google::protobuf::MethodOptions::IdempotencyLevel level) {
  return level == google::protobuf::MethodOptions::IDEMPOTENT ||
         level == google::protobuf::MethodOptions::NO_SIDE_EFFECTS ||
         std::ranges::find(kIdempotentMethods, http_method) != kIdempotentMethods.end();
}

RetryPolicy::RetryPolicy(const config::Retry& config)
    : attempts_(config.attempts()),
      per_try_timeout_(config.has_per_try_timeout()
                           ? std::optional(ToChrono(config.per_try_timeout()))
                           : std::nullopt),
      initial_(ToChrono(config.backoff().initial())),
      max_(ToChrono(config.backoff().max())) {
  for (const int code : config.on()) codes_ |= BitOf(code);
}

std::optional<nanoseconds> RetryPolicy::WaitAfter(const FailedTry& failed, double random) const {
  if (!IsWorthIt(failed)) return std::nullopt;
  std::optional<nanoseconds> wait;
  if (failed.pushback) {
    wait = ReadPushback(*failed.pushback);
  } else {
    if (failed.retry_after) wait = ReadRetryAfter(*failed.retry_after);
    if (!wait) wait = Backoff(failed.number, random);
  }
  if (!wait || (failed.left && *wait >= *failed.left)) return std::nullopt;
  return wait;
}

bool RetryPolicy::IsWorthIt(const FailedTry& failed) const {
  const bool listed = (codes_ & BitOf(static_cast<int>(failed.code))) != 0;
  return failed.number < attempts_ && !failed.answered && (listed || failed.never_reached) &&
         (failed.idempotent || failed.never_reached);
}

nanoseconds RetryPolicy::Backoff(std::uint32_t number, double random) const {
  const auto doublings = static_cast<int>(std::min(number - 1, kMostDoublings));
  const double longest = std::min(std::ldexp(static_cast<double>(initial_.count()), doublings),
                                  static_cast<double>(max_.count()));
  return nanoseconds(static_cast<nanoseconds::rep>(longest * random));
}

}  // namespace puente
