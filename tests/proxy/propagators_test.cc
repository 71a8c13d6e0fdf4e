#include "proxy/telemetry/tracing/propagators.h"

#include <gmock/gmock.h>

#include "tests/proxy/logged_lines.h"
#include "tests/proxy/sample_span.h"

namespace puente {
namespace {

using testing::HasSubstr;

constexpr Propagators kDefault{.trace_context = true, .baggage = true};

TEST(PropagatorsTest, FromTheEnvironment) {
  struct Case {
    std::string value;
    Propagators expected;
    std::string warning = "";
  };
  const Case cases[] = {
      {"", kDefault},
      {"tracecontext", {.trace_context = true}},
      {"tracecontext,baggage", kDefault},
      {" b3 , b3multi ", {.b3 = true, .b3_multi = true}},
      {"b3,b3", {.b3 = true}},
      {"none", {}},
      {"tracecontext,jaeger", {.trace_context = true}, "`jaeger`"},
      {"xray", kDefault, "`xray`"},
      {"none,b3", {.b3 = true}, "`none`"},
  };
  for (const Case& c : cases) {
    const test::LoggedLines log;
    EXPECT_EQ(PropagatorsFrom(test::EnvironmentOf(
                  {{"OTEL_PROPAGATORS", c.value}, {"OTEL_SDK_DISABLED", "true"}})),
              c.expected)
        << c.value;
    EXPECT_EQ(log.Get().empty(), c.warning.empty());
    EXPECT_THAT(log.Text(), HasSubstr(c.warning));
  }
  EXPECT_EQ(PropagatorsFrom(test::EnvironmentOf({})), kDefault);
}

}  // namespace
}  // namespace puente
