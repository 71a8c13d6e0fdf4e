#include "proxy/upstream/http_health_probe.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "config/address.h"
#include "proxy/version.h"

namespace puente {
namespace {

// Of an answer that is well. More would be no answer to this question.
constexpr std::size_t kMostBody = 65536;

TargetHealth HealthOfFailure(Code code) {
  // What is no HTTP was still said by somebody.
  const bool spoke = code == Code::kInternal;
  return {spoke ? HealthStatus::kNotServing : HealthStatus::kUnreachable, code};
}

TargetHealth HealthOfAnswer(int status) {
  const Code code = CodeOfHttpStatus(status);
  return {code == Code::kOk ? HealthStatus::kServing : HealthStatus::kNotServing, code};
}

}  // namespace

HttpHealthProbe::HttpHealthProbe(HttpUpstream& upstream, HttpLane& lane, std::string path,
                                 std::chrono::nanoseconds timeout)
    : path_(std::move(path)),
      host_(JoinHostAndPort(upstream.server().host, upstream.server().port)),
      user_agent_(fmt::format("puente/{}", kVersion)),
      call_(upstream, lane, std::chrono::steady_clock::now() + timeout,
            HttpCall::Connections::kFresh) {}

Task<TargetHealth> HttpHealthProbe::Ask() {
  const std::array<HeaderView, 3> headers{{
      {"Host", host_},
      {"User-Agent", user_agent_},
      {"Connection", "close"},
  }};
  const HttpRequestHead head{.method = "GET", .base_path = {}, .target = path_, .headers = headers};
  Result<void> asked = co_await call_.Start(head);
  if (asked) asked = co_await call_.ReadHead();
  if (!asked) co_return HealthOfFailure(asked.error().code);
  co_await DropBody();
  co_return HealthOfAnswer(call_.head().status);
}

// So that the server does not see its answer refused.
Task<> HttpHealthProbe::DropBody() {
  std::string body;
  Result<bool> more = true;
  while (more && *more && body.size() < kMostBody) more = co_await call_.ReadBodySome(body);
}

}  // namespace puente
