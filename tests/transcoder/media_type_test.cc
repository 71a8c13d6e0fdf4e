#include "transcoder/media_type.h"

#include <gtest/gtest.h>

#include <string>

namespace puente {
namespace {

TEST(MediaType, Json) {
  for (const std::string type :
       {"", " ", "application/json", "APPLICATION/Json", " application/json ",
        "application/json;charset=utf-8", "application/json; charset=\"UTF-8\"",
        "application/json ; a=b; charset=us-ascii", "application/problem+json",
        "application/vnd.a.b+JSON; version=1", "text/x+json", "application/json;"}) {
    EXPECT_TRUE(IsJson(type)) << type;
  }
}

TEST(MediaType, NotJson) {
  for (const std::string type :
       {";", "json", "text/json", "text/plain", "application/json2", "application/ json", "/+json",
        "+json", "application/json+xml", "application/json, text/plain",
        "application/json; charset=iso-8859-1", "application/json; charset=utf-16",
        "application/json; charset", "application/x-www-form-urlencoded", "application/x-ndjson"}) {
    EXPECT_FALSE(IsJson(type)) << type;
  }
}

}  // namespace
}  // namespace puente
