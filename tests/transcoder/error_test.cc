#include "transcoder/error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace puente {
namespace {

struct CodeCase {
  int code;
  std::string name;
  int http_status;
};

TEST(Error, EveryCodeHasItsNameAndHttpStatus) {
  // Rule 3: the table of google/rpc/code.proto.
  const std::vector<CodeCase> cases = {
      {0, "OK", 200},
      {1, "CANCELLED", 499},
      {2, "UNKNOWN", 500},
      {3, "INVALID_ARGUMENT", 400},
      {4, "DEADLINE_EXCEEDED", 504},
      {5, "NOT_FOUND", 404},
      {6, "ALREADY_EXISTS", 409},
      {7, "PERMISSION_DENIED", 403},
      {8, "RESOURCE_EXHAUSTED", 429},
      {9, "FAILED_PRECONDITION", 400},
      {10, "ABORTED", 409},
      {11, "OUT_OF_RANGE", 400},
      {12, "UNIMPLEMENTED", 501},
      {13, "INTERNAL", 500},
      {14, "UNAVAILABLE", 503},
      {15, "DATA_LOSS", 500},
      {16, "UNAUTHENTICATED", 401},
      {17, "UNKNOWN", 500},
      {-1, "UNKNOWN", 500},
  };
  for (const CodeCase& c : cases) {
    EXPECT_EQ(CodeName(static_cast<Code>(c.code)), c.name) << c.code;
    EXPECT_EQ(HttpStatusOf(static_cast<Code>(c.code)), c.http_status) << c.code;
  }
}

TEST(Error, MayHaveItsOwnHttpStatus) {
  EXPECT_EQ((Error{Code::kInvalidArgument, ""}).HttpStatus(), 400);
  EXPECT_EQ((Error{Code::kInvalidArgument, "", 415}).HttpStatus(), 415);
}

TEST(Error, FailMakesAnErrorOfAnyResult) {
  const Result<int> result = Fail(Code::kUnimplemented, "no", 405);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kUnimplemented);
  EXPECT_EQ(result.error().message, "no");
  EXPECT_EQ(result.error().HttpStatus(), 405);
}

}  // namespace
}  // namespace puente
