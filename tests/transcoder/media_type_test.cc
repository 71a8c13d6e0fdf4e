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
        "application/vnd.a.b+JSON; version=1", "text/x+json", "application/json;",
        "application/json;;", "application/json; a=\"; charset=utf-16\""}) {
    EXPECT_TRUE(IsJson(type)) << type;
  }
}

TEST(MediaType, NotJson) {
  for (const std::string type :
       {";", "json", "text/json", "text/plain", "application/json2", "application/ json", "/+json",
        "+json", "application/json+xml", "application/json, text/plain",
        "application/json; charset=iso-8859-1", "application/json; charset=utf-16",
        "application/json; charset", "application/json; a=\"", "application/json; a=b; Charset = x",
        "application/x-www-form-urlencoded", "application/x-ndjson"}) {
    EXPECT_FALSE(IsJson(type)) << type;
  }
}

TEST(MediaType, Ndjson) {
  for (const std::string type :
       {"application/x-ndjson", "application/ndjson", "application/jsonl",
        "application/x-jsonlines", "Application/X-NDJSON", " application/x-ndjson ; a=b",
        "application/x-ndjson; charset=utf-8", "application/jsonl;charset=\"us-ascii\""}) {
    EXPECT_TRUE(IsNdjson(type)) << type;
    EXPECT_FALSE(IsJson(type)) << type;
    EXPECT_FALSE(IsForm(type)) << type;
  }
}

TEST(MediaType, NotNdjson) {
  for (const std::string type :
       {"", "application/json", "ndjson", "application/x-ndjson2", "text/x-ndjson",
        "application/jsonl, application/json", "application/vnd.a+ndjson",
        "application/x-ndjson; charset=latin1", "application/x-ndjson; charset"}) {
    EXPECT_FALSE(IsNdjson(type)) << type;
  }
}

TEST(MediaType, Form) {
  for (const std::string type :
       {"application/x-www-form-urlencoded", "APPLICATION/x-www-form-URLENCODED",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded;charset=utf-8;a=b"}) {
    EXPECT_TRUE(IsForm(type)) << type;
    EXPECT_FALSE(IsJson(type)) << type;
    EXPECT_FALSE(IsNdjson(type)) << type;
  }
}

TEST(MediaType, NotForm) {
  for (const std::string type :
       {"", "multipart/form-data; boundary=a", "application/x-www-form", "x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=windows-1252"}) {
    EXPECT_FALSE(IsForm(type)) << type;
  }
}

}  // namespace
}  // namespace puente
