#include "proxy/telemetry/access_log/access_log_flag.h"

#include <gtest/gtest.h>

#include <string_view>

namespace puente {
namespace {

struct Case {
  Error error;
  std::string_view flag;
};

TEST(AccessLogFlag, SaysWhyARequestCameToNoCall) {
  const Case cases[] = {
      {{Code::kInvalidArgument, ""}, "bad_request"},
      {{Code::kInvalidArgument, "", 431}, "bad_request"},
      {{Code::kResourceExhausted, "", 413}, "bad_request"},
      {{Code::kInvalidArgument, "", 415}, "bad_request"},
      {{Code::kDeadlineExceeded, "", 408}, "request_timeout"},
      {{Code::kDeadlineExceeded, ""}, "deadline"},
      {{Code::kNotFound, ""}, "no_route"},
      {{Code::kUnimplemented, "", 405}, "method_not_allowed"},
      {{Code::kUnavailable, ""}, "not_ready"},
      {{Code::kPermissionDenied, ""}, "forbidden"},
      {{Code::kCancelled, ""}, "client_left"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(FlagText(FlagBeforeCall(c.error)), c.flag) << CodeName(c.error.code);
  }
}

TEST(AccessLogFlag, SaysWhyACallFailed) {
  const Case cases[] = {
      {{Code::kUnavailable, ""}, "upstream_unavailable"},
      {{Code::kDeadlineExceeded, ""}, "deadline"},
      {{Code::kDeadlineExceeded, "", 408}, "request_timeout"},
      {{Code::kCancelled, ""}, "client_left"},
      {{Code::kInternal, ""}, "bad_answer"},
      {{Code::kUnknown, ""}, "bad_answer"},
      {{Code::kInvalidArgument, ""}, "bad_request"},
      {{Code::kResourceExhausted, "", 413}, "bad_request"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(FlagText(FlagOfCall(c.error)), c.flag) << CodeName(c.error.code);
  }
}

// Of UNAVAILABLE it is not known who said it.
TEST(AccessLogFlag, IsNoneForWhatTheUpstreamAnswers) {
  for (int code = 1; code < kCodeCount; ++code) {
    Error error{static_cast<Code>(code), ""};
    error.from_upstream = true;
    const bool unavailable = error.code == Code::kUnavailable;
    EXPECT_EQ(FlagText(FlagOfCall(error)), unavailable ? "upstream_unavailable" : "") << code;
  }
}

}  // namespace
}  // namespace puente
