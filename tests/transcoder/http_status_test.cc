#include "transcoder/http_status.h"

#include <gtest/gtest.h>

#include "transcoder/error.h"

namespace puente {
namespace {

TEST(ReasonPhrase, IsKnownForEveryStatusOfACode) {
  for (int code = 0; code <= kCodeCount; ++code) {
    EXPECT_NE(ReasonPhrase(HttpStatusOf(static_cast<Code>(code))), "") << code;
  }
  EXPECT_EQ(ReasonPhrase(404), "Not Found");
  EXPECT_EQ(ReasonPhrase(499), "Client Closed Request");
}

TEST(ReasonPhrase, IsEmptyForOthers) {
  for (const int status : {-1, 0, 99, 299, 418, 599, 1000}) EXPECT_EQ(ReasonPhrase(status), "");
}

}  // namespace
}  // namespace puente
