#include "transcoder/accept.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace puente {
namespace {

constexpr StreamChoice kArray{StreamFormat::kJsonArray, "application/json"};
constexpr StreamChoice kNdjson{StreamFormat::kNdjson, "application/x-ndjson"};
constexpr StreamChoice kJsonl{StreamFormat::kNdjson, "application/jsonl"};
constexpr StreamChoice kEvents{StreamFormat::kServerSentEvents, "text/event-stream"};

struct Case {
  std::string_view accept;
  StreamChoice choice;
};

void Check(std::span<const Case> cases) {
  for (const auto& c : cases) {
    const HeaderView headers[] = {{"Host", "a"}, {"Accept", c.accept}};
    EXPECT_EQ(ChooseStreamFormat(headers).content_type, c.choice.content_type) << c.accept;
    EXPECT_EQ(ChooseStreamFormat(headers).format, c.choice.format) << c.accept;
  }
}

TEST(Accept, Rule4WhatClientsSend) {
  const Case kCases[] = {
      // EventSource in Chromium, Firefox and Safari; stand-ins for it; what fetch sends by itself.
      {"text/event-stream", kEvents},
      {"text/event-stream, */*", kArray},
      {"text/event-stream,text/event-stream;q=0.9,*/*;q=0.8", kEvents},
      {"*/*", kArray},
      // Chromium, Firefox and Safari opening an address.
      {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
       "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
       kArray},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kArray},
      {"image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", kArray},
      // axios, jQuery, Angular, python-requests, Go, Dart, Spring, OkHttp, Retrofit.
      {"application/json, text/plain, */*", kArray},
      {"application/json, text/javascript, */*; q=0.01", kArray},
      {"application/json, text/javascript, */*; q=0.01", kArray},
      {"text/plain, application/json, application/*+json, */*", kArray},
      {"application/json", kArray},
      {"application/json; charset=utf-8", kArray},
      // Java's HttpURLConnection, whose q values are none.
      {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", kArray},
      // Clients of model servers, and of the Model Context Protocol.
      {"application/json, text/event-stream", kArray},
      {"text/event-stream, application/json;q=0.9", kEvents},
      {"application/x-ndjson", kNdjson},
      {"application/x-ndjson, application/json;q=0.5", kNdjson},
      {"application/ndjson", kNdjson},
      {"Application/NDJSON, application/json;q=0.5", kNdjson},
      {"application/ndjson;q=0.2, application/x-ndjson;q=0.9, application/json;q=0.5", kNdjson},
      {"application/jsonl", kJsonl},
      {"text/html", kArray},
      {"", kArray},
  };
  Check(kCases);
}

TEST(Accept, Rule4TheHighestQualityWins) {
  const Case kCases[] = {
      {"application/json;q=0.5, application/x-ndjson;q=0.6", kNdjson},
      {"application/json;q=0.6, application/x-ndjson;q=0.5", kArray},
      {"application/json;q=0.123, text/event-stream;q=0.124", kEvents},
      {"application/json;q=0.9, application/jsonl", kJsonl},
      {"application/json;q=0.9, application/jsonl;q=1.000", kJsonl},
      {"application/x-ndjson;q=0.2, application/jsonl;q=0.3", kJsonl},
      {"application/json;q=0.001, text/html", kArray},
      {"*/*;q=0.5, text/event-stream;q=0.6", kEvents},
      {"*/*;q=0.6, text/event-stream;q=0.5", kArray},
  };
  Check(kCases);
}

TEST(Accept, Rule4AnArrayWinsATie) {
  const Case kCases[] = {
      {"application/x-ndjson, application/json", kArray},
      {"text/event-stream;q=0.5, application/json;q=0.5", kArray},
      {"text/event-stream, application/jsonl", kJsonl},
      {"text/event-stream, application/jsonl, application/x-ndjson", kNdjson},
      {"application/*", kArray},
      {"text/*, */*", kArray},
      {"text/*, application/*", kArray},
  };
  Check(kCases);
}

TEST(Accept, Rule4AWildcardThatLetsTheArrayInMakesATie) {
  const Case kCases[] = {
      {"*/*, text/event-stream", kArray},
      {"application/*, application/jsonl", kArray},
      {"application/x-ndjson, */*", kArray},
      {"application/x-ndjson, */*;q=0.5", kNdjson},
      {"text/event-stream, */*;q=0.9", kEvents},
      {"text/event-stream, text/*", kEvents},
      {"application/json, text/event-stream, */*", kArray},
      {"text/event-stream;q=0.9, */*", kArray},
      {"*/*;q=0, application/jsonl;q=0.1", kJsonl},
  };
  Check(kCases);
}

TEST(Accept, TheMostSpecificRangeCounts) {
  const Case kCases[] = {
      {"application/*;q=0.3, application/json;q=0.1", kNdjson},
      {"application/json;q=0.1, application/*;q=0.3", kNdjson},
      {"*/*, application/*;q=0.5", kEvents},
      {"*/*;q=0.1, text/*;q=0.9", kEvents},
      {"text/*", kEvents},
      {"text/*;q=0.1, application/json;q=0", kEvents},
      {"application/json;q=0.2, application/json;version=2;q=0.8, text/event-stream;q=0.5", kArray},
      {"application/json;version=2;q=0.8, application/json;q=0.2, text/event-stream;q=0.5", kArray},
  };
  Check(kCases);
}

TEST(Accept, ZeroExcludes) {
  const Case kCases[] = {
      {"application/json;q=0, */*", kNdjson},
      {"application/json;q=0.0, application/x-ndjson;q=0.00, */*", kJsonl},
      {"application/*;q=0.000, */*;q=0.1", kEvents},
      {"application/json;q=0, application/ndjson;q=0, */*", kJsonl},
      {"application/json;q=0", kArray},
      {"*/*;q=0", kArray},
      {"text/event-stream;q=0, application/jsonl;q=0", kArray},
  };
  Check(kCases);
}

TEST(Accept, CaseAndParametersDoNotCount) {
  const Case kCases[] = {
      {"TEXT/Event-Stream", kEvents},
      {"APPLICATION/*;Q=0.5, Text/*;q=0.6", kEvents},
      {"application/x-ndjson;charset=utf-8", kNdjson},
      {"text/event-stream;v=\"1,2;q=0\";q=0.7, application/json;q=0.6", kEvents},
      {"text/event-stream;v=\"\\\",application/json\"", kEvents},
      {"application/json;q=0.5;ext=1;ext2, application/jsonl;q=0.6;q2=0", kJsonl},
      {"application/json ; q=0.5 ,\tapplication/jsonl ; q=0.6", kJsonl},
      {"application/json;q = 0.5, application/jsonl;q= 0.6", kJsonl},
      {",, text/event-stream ,,", kEvents},
      {"text/event-stream;;q=0.5;, application/json;q=0.4", kEvents},
  };
  Check(kCases);
}

TEST(Accept, MalformedRangesAreSkipped) {
  for (const std::string_view quality :
       {"1.1", "1.001", "2",   "-1",      "-0", "0.1234", "00.5",      ".5", "0,5",     "0.5x", "x",
        "",    "0x1",   "1e0", "\"0.5\"", "01", "1.0000", "0.5;q=0.6", "+1", "\xd9\xa1"}) {
    const std::string accept = "text/event-stream;q=" + std::string(quality);
    const Case kCases[] = {{accept, kArray}};
    Check(kCases);
  }
  const Case kCases[] = {
      {"text/event-stream;q, application/jsonl;q=0.1", kJsonl},
      {"text/event-stream;q=2, application/jsonl;q=0.1", kJsonl},
      {"application/jsonl;q=0.1, text/event-stream;a=\"", kJsonl},
      {"text /event-stream, application/jsonl;q=0.1", kJsonl},
      {"text/ event-stream", kArray},
      {"*", kArray},
      {"*/event-stream", kArray},
      {"text/event-stream*", kArray},
      {"text", kArray},
      {"text/", kArray},
      {"/event-stream", kArray},
  };
  Check(kCases);
}

TEST(Accept, AllFieldsCountAsOneList) {
  const HeaderView headers[] = {{"accept", "application/json;q=0.5"},
                                {"X-Accept", "application/jsonl"},
                                {"ACCEPT", "text/event-stream;q=0.6"},
                                {"Accept", "\"unended"}};
  EXPECT_EQ(ChooseStreamFormat(headers), kEvents);
  EXPECT_EQ(ChooseStreamFormat({}), kArray);
}

TEST(AcceptEncoding, WhetherGzipIsWelcome) {
  struct EncodingCase {
    std::string_view accept_encoding;
    bool gzip;
  };
  const EncodingCase kCases[] = {
      // Browsers, curl --compressed, Go, OkHttp, python-requests, Node's undici, .NET.
      {"gzip, deflate, br, zstd", true},
      {"gzip, deflate, br", true},
      {"deflate, gzip, br, zstd", true},
      {"gzip", true},
      {"gzip,deflate", true},
      {"identity", false},
      {"br, deflate", false},
      {"*", true},
      {"", false},
      {"GZIP", true},
      {"x-gzip", true},
      {"X-GZip;q=0.5", true},
      {"gzip;q=0", false},
      {"gzip;q=0.000", false},
      {"gzip;q=0.001", true},
      {"*;q=0", false},
      {"*;q=0.1", true},
      {"gzip;q=0, *", false},
      {"x-gzip;q=0, *;q=1", false},
      {"gzip;q=0.1, *;q=0", true},
      {"br;q=1, *;q=0.5", true},
      {"gzip;q=0.5, identity;q=0.6", false},
      {"gzip;q=0.6, identity;q=0.5", true},
      {"gzip, identity", true},
      {"identity;q=1, *;q=0.5", false},
      {"identity;q=0, *;q=0.5", true},
      {"gzip;q=2", false},
      {"gzip;q=", false},
      {"gzip;q=2, *;q=0.5", true},
      {"gzip2, agzip", false},
      {"gzip;level=9;q=0", false},
      {"br \t,\tgzip", true},
      {"deflate, \"gzip\"", false},
  };
  for (const auto& c : kCases) {
    const HeaderView headers[] = {{"Accept-Encoding", c.accept_encoding}};
    EXPECT_EQ(AcceptsGzip(headers), c.gzip) << c.accept_encoding;
  }
}

TEST(AcceptEncoding, AllFieldsCountAsOneList) {
  EXPECT_FALSE(AcceptsGzip({}));
  const HeaderView split[] = {{"accept-encoding", "br"}, {"ACCEPT-ENCODING", "gzip"}};
  EXPECT_TRUE(AcceptsGzip(split));
  const HeaderView refused[] = {{"accept-encoding", "gzip;q=0.5"}, {"accept-encoding", "identity"}};
  EXPECT_FALSE(AcceptsGzip(refused));
  const HeaderView other[] = {{"Accept", "gzip"}};
  EXPECT_FALSE(AcceptsGzip(other));
}

}  // namespace
}  // namespace puente
