// `puente diff` (design section 2).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "examples/json_subset.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/temp_dir.h"
#include "tests/testdata/compile_protos.h"

namespace puente::test {
namespace {

using ::testing::HasSubstr;

class DiffCommandTest : public ::testing::Test {
 protected:
  // A file with the descriptors of a service whose method answers with these fields.
  std::string Write(const std::string& name, const std::string& fields) const {
    const auto set = puente::testing::CompileProtos({{"api.proto", fmt::format(R"(
      syntax = "proto3"; package t; message Invoice {{ {} }} message Money {{ int64 units = 1; }}
      service Bills {{ rpc Get(Invoice) returns (Invoice); }})",
                                                                               fields)}});
    return dir_.Write(name, set.SerializeAsString());
  }

  TempDir dir_;
  const std::string old_ = Write("old.pb", "string id = 1; Money total = 2; int32 count = 3;");
};

TEST_F(DiffCommandTest, BreakingChangesComeFirstAndExitWith1) {
  const Finished run = RunBinary({"diff", old_,
                                  Write("new.pb",
                                        "int32 added = 4; string total = 2; int64 count = 3; "
                                        "string id = 1 [deprecated = true];")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.errors, "");
  EXPECT_EQ(run.output, R"(BREAKING  t.Invoice.count  type changed from int32 to int64 (JSON)
BREAKING  t.Invoice.total  type changed from t.Money to string (JSON and wire)
info      t.Invoice.added  field added: int32 = 4
info      t.Invoice.id     deprecated
)");
}

TEST_F(DiffCommandTest, WhatBreaksNothingExitsWith0) {
  const std::string same = Write("same.pb", "string id = 1; Money total = 2; int32 count = 3;");
  const Finished equal = RunBinary({"diff", old_, same});
  EXPECT_EQ(equal.exit_code, 0);
  EXPECT_EQ(equal.output, "");
  const std::string more =
      Write("more.pb", "string id = 1; Money total = 2; int32 count = 3; bool paid = 4;");
  const Finished added = RunBinary({"diff", old_, more});
  EXPECT_EQ(added.exit_code, 0);
  EXPECT_EQ(added.output, "info      t.Invoice.paid  field added: bool = 4\n");
}

TEST_F(DiffCommandTest, AsJson) {
  const std::string less = Write("less.pb", "string id = 1; Money total = 2;");
  const Finished run = RunBinary({"diff", "--json", old_, less});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(examples::FindJsonDifference(R"({"breaking": 1, "changes": [
      {"breaking": true, "kind": "removed", "element": "t.Invoice.count"}]})",
                                         run.output),
            std::nullopt)
      << run.output;
}

TEST_F(DiffCommandTest, FilesThatCannotBeUsedExitWith2) {
  const std::string broken = dir_.Write("broken.pb", "\x0a\xff\xff\xff");
  const std::pair<std::vector<std::string>, std::string> kCases[] = {
      {{"diff", old_, "/no/such/file.pb"}, "/no/such/file.pb: cannot be read"},
      {{"diff", broken, old_}, broken},
      {{"diff", old_}, "NEW"},
      {{"diff", old_, old_, old_}, old_},
  };
  for (const auto& [arguments, says] : kCases) {
    const Finished run = RunBinary(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.output, "");
    EXPECT_THAT(run.errors, HasSubstr(says));
  }
}

}  // namespace
}  // namespace puente::test
