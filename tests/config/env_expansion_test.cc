#include "config/env_expansion.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace puente {
namespace {

std::optional<std::string> TestEnvironment(std::string_view name) {
  if (name == "PORT") return "8080";
  if (name == "EMPTY") return "";
  if (name == "DOLLARS") return "${PORT}$$";
  if (name == "_x1") return "underscore";
  if (name == "LONG") return std::string(3000, 'x');
  return std::nullopt;
}

TEST(EnvExpansionTest, ReplacesVariables) {
  struct Case {
    std::string_view text;
    std::string_view expanded;
    bool has_variables;
  };
  const Case cases[] = {
      {"", "", false},
      {"plain", "plain", false},
      {"${PORT}", "8080", true},
      {"0.0.0.0:${PORT}", "0.0.0.0:8080", true},
      {"${PORT}${PORT}", "80808080", true},
      {"${_x1}", "underscore", true},
      {"${UNSET:-9090}", "9090", true},
      {"${EMPTY:-9090}", "9090", true},
      {"${PORT:-9090}", "8080", true},
      {"${UNSET:-}", "", true},
      {"${UNSET:-a:-b}", "a:-b", true},
      {"${EMPTY}", "", true},
      {"$$", "$", false},
      {"$${PORT}", "${PORT}", false},
      {"$$${PORT}", "$8080", true},
      {"$PORT $", "$PORT $", false},
      {"}{", "}{", false},
  };
  for (const Case& c : cases) {
    const auto result = ExpandEnvironment(c.text, TestEnvironment);
    ASSERT_TRUE(result.has_value()) << c.text << ": " << result.error();
    EXPECT_EQ(result->text, c.expanded) << c.text;
    EXPECT_EQ(result->has_variables, c.has_variables) << c.text;
  }
}

TEST(EnvExpansionTest, WhatAVariableHoldsIsNotExpandedAgain) {
  EXPECT_EQ(ExpandEnvironment("${DOLLARS}", TestEnvironment)->text, "${PORT}$$");
}

TEST(EnvExpansionTest, AnUnsetVariableIsNamed) {
  const auto result = ExpandEnvironment("${UNSET}", TestEnvironment);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(),
            "the environment variable UNSET is not set; ${UNSET:-default} would give it a default");
}

TEST(EnvExpansionTest, RefusesWhatIsMalformed) {
  for (const std::string_view text :
       {"${", "${PORT", "${}", "${:-x}", "${1X}", "${A B}", "${PORT:8080}", "${${PORT}}"}) {
    EXPECT_FALSE(ExpandEnvironment(text, TestEnvironment).has_value()) << text;
  }
}

TEST(EnvExpansionTest, TheResultIsBounded) {
  EXPECT_TRUE(ExpandEnvironment("${LONG}", TestEnvironment).has_value());
  EXPECT_FALSE(ExpandEnvironment("${LONG}${LONG}", TestEnvironment).has_value());
}

TEST(EnvExpansionTest, TheProcessEnvironmentIsThatOfTheProcess) {
  const char* path = std::getenv("PATH");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(ProcessEnvironment("PATH"), path);
  EXPECT_EQ(ProcessEnvironment("PUENTE_TEST_NEVER_SET"), std::nullopt);
}

}  // namespace
}  // namespace puente
