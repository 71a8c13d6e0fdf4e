#include "proxy/upstream_health.h"

#include <gmock/gmock.h>

namespace puente {
namespace {

TEST(HealthReport, WithoutUpstreamsAllIsWell) {
  EXPECT_TRUE(IsUp(HealthReport{}));
  EXPECT_EQ(HealthAsJson({}), "{\n  \"status\": \"SERVING\",\n  \"upstreams\": []\n}\n");
}

TEST(HealthReport, AnUpstreamIsAsWellAsTheBestOfItsTargets) {
  using enum HealthStatus;
  const std::vector<HealthStatus> from_best_to_worst = {kServing, kUnknown, kNotServing,
                                                        kServiceUnknown, kUnreachable};
  for (const HealthStatus a : from_best_to_worst) {
    for (const HealthStatus b : from_best_to_worst) {
      const UpstreamReport upstream{"a", "", {{a, Code::kOk}, {b, Code::kOk}}};
      EXPECT_EQ(upstream.health().status, std::min(a, b));
      EXPECT_EQ(IsUp(HealthReport{upstream}), a <= kUnknown || b <= kUnknown);
    }
  }
}

TEST(HealthReport, OneUpstreamThatIsDownIsEnough) {
  const UpstreamReport good{"a", "", {{HealthStatus::kServing, Code::kOk}}};
  const UpstreamReport bad{"b", "", {{HealthStatus::kUnreachable, Code::kUnavailable}}};
  EXPECT_TRUE(IsUp(HealthReport{good, good}));
  EXPECT_FALSE(IsUp(HealthReport{good, bad}));
}

}  // namespace
}  // namespace puente
