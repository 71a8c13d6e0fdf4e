#include "config/defaults.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

namespace puente {
namespace {

TEST(DefaultsTest, DefaultsFillInWhatIsNotSetAndNothingElse) {
  config::Config config;
  config.set_workers(7);
  config.mutable_limits()->set_max_headers(3);
  config.add_routes()->set_upstream("b");
  ApplyDefaults(config);
  EXPECT_EQ(config.workers(), 7u);
  EXPECT_EQ(config.limits().max_headers(), 3u);
  EXPECT_EQ(config.limits().max_json_depth(), 100u);
  EXPECT_EQ(config.routes(0).timeout().seconds(), 15);
  EXPECT_FALSE(config.has_auth());
  EXPECT_FALSE(config.telemetry().has_tracing());

  config::Config again = config;
  ApplyDefaults(again);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(config, again));
}

TEST(DefaultsTest, APartOfAConfigurationCanBeFilledInByItself) {
  config::Route route;
  ApplyDefaults(route);
  EXPECT_EQ(route.timeout().seconds(), 15);
  config::AuthPolicy policy;
  ApplyDefaults(policy);
  EXPECT_FALSE(policy.has_none());
  config::Auth auth;
  ApplyDefaults(auth);
  EXPECT_TRUE(auth.default_().none());
}

}  // namespace
}  // namespace puente
