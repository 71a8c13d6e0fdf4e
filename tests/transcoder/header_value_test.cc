#include "transcoder/header_value.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace puente {
namespace {

using ::testing::ElementsAreArray;

TEST(HeaderValue, TrimsSpacesAndTabs) {
  for (const std::string text : {"a b", " a b", "a b\t", "\t a b \t "}) {
    EXPECT_EQ(TrimHeaderValue(text), "a b") << text;
  }
  for (const std::string text : {"", " ", "\t\t"}) EXPECT_EQ(TrimHeaderValue(text), "") << text;
  EXPECT_EQ(TrimHeaderValue("\na"), "\na");
}

TEST(HeaderValue, TakesElementsApart) {
  const std::string kUnended = "(unended)";
  struct Case {
    std::string value;
    std::vector<std::string> elements;
  };
  const Case kCases[] = {
      {"", {}},
      {" ", {""}},
      {"a", {"a"}},
      {"a,b", {"a", "b"}},
      {" a ,\tb , ", {"a", "b", ""}},
      {",,", {"", ""}},
      {"a;b=1,c", {"a;b=1", "c"}},
      {R"(a="x,y",b)", {R"(a="x,y")", "b"}},
      {R"("\"," , "\\",b)", {R"("\",")", R"("\\")", "b"}},
      {R"(""",",b)", {R"(""",")", "b"}},
      {R"(a,"b,c)", {"a", kUnended}},
      {R"(a,"b\",c)", {"a", kUnended}},
      {R"(a,"b\)", {"a", kUnended}},
      {R"(")", {kUnended}},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> elements;
    std::string_view rest = c.value;
    while (!rest.empty()) {
      elements.emplace_back(TakeElement(rest, ',').value_or(kUnended));
    }
    EXPECT_THAT(elements, ElementsAreArray(c.elements)) << c.value;
  }
}

}  // namespace
}  // namespace puente
