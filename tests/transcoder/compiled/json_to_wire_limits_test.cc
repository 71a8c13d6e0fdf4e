// Depth, size and time: what an attacker would try.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/transcoder/compiled/codec_readers.h"

namespace puente {
namespace {

using testing::kEverything;
using testing::ReaderInput;
using testing::Readers;

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// `depth` times `open` around `inside`.
std::string Nested(std::string_view before, std::string_view open, int depth,
                   std::string_view inside, std::string_view close, std::string_view behind) {
  return std::string(before) + Repeat(open, depth) + std::string(inside) + Repeat(close, depth) +
         std::string(behind);
}

std::vector<std::string> Nestings(int depth) {
  const std::string any = R"({"any":{"@type":"x/puente.codec.Everything","self":)";
  return {
      Nested("", R"({"self":)", depth, "{}", "}", ""),
      Nested(R"({"inner":)", R"({"list":[)", depth, "{}", "]}", "}"),
      Nested(R"({"inner":)", R"({"byName":{"a":)", depth, "{}", "}}", "}"),
      Nested(R"({"value":)", R"({"a":)", depth, "1", "}", "}"),
      Nested(R"({"value":)", "[", depth, "", "]", "}"),
      Nested(R"({"listValue":[)", "[", depth, "null", "]", "]}"),
      Nested(R"({"struct":{"a":)", "[", depth, "{}", "]", "}}"),
      Nested("", any, depth, "{}", "}}", ""),
      Nested(any, R"({"self":)", depth, "{}", "}", "}}"),
      Nested(R"({"self":)" + any, R"({"self":)", depth, R"({"inner":{"at":null}})", "}", "}}}"),
      Nested("", R"({"self":)", depth, R"({"timestamp":"1970-01-01T00:00:01Z"})", "}", ""),
      Nested("", R"({"self":)", depth, R"({"int32s":[1],"int64Wrapper":0})", "}", ""),
      Nested(R"({"x":)", "[", depth, "", "]", "}"),
      Nested(R"({"x":)", R"({"y":)", depth, "{}", "}", "}"),
      Nested(R"({"self":{"x":)", R"([{"y":)", depth, "0", "}]", "}}"),
  };
}

TEST(JsonToWireLimits, DepthIsBoundedAsInJsonReader) {
  for (const int max_depth : {1, 2, 10, 100, 1000}) {
    int read = 0, refused = 0;
    for (int depth = 0; depth <= 1010; ++depth) {
      const bool is_near = depth < 120 || depth % 100 < 4 || (depth > 240 && depth < 260) ||
                           (depth > 325 && depth < 340) || depth > 990;
      if (!is_near || depth > max_depth + 60) continue;
      for (const std::string& json : Nestings(depth)) {
        const bool is_read = Readers().SayTheSame({.type = kEverything,
                                                   .json = json,
                                                   .unknown = UnknownInput::kIgnore,
                                                   .max_depth = max_depth});
        is_read ? ++read : ++refused;
      }
    }
    EXPECT_GT(refused, 15) << max_depth;
    EXPECT_TRUE(read > 5 || max_depth == 1) << max_depth;
  }
}

// Neither stack nor time grow with what is not read.
TEST(JsonToWireLimits, EndlessNestingIsRefused) {
  for (const std::string_view open : {"[", R"({"a":)", R"({"self":)", R"({"value":[)", R"({"x":[)",
                                      R"({"any":{"@type":"x/google.protobuf.Any","value":)"}) {
    const std::string json = R"({"value":)" + Repeat(open, 300000);
    EXPECT_FALSE(Readers()
                     .Fast({.type = kEverything,
                            .json = json,
                            .unknown = UnknownInput::kIgnore,
                            .max_depth = 1000})
                     .read);
  }
}

constexpr int kMany = 60000;

enum class Order { kAscending, kDescending, kShuffled };

std::string Keys(Order order, int count, std::string_view value) {
  std::string keys;
  for (int i = 0; i < count; ++i) {
    const std::int64_t shuffled = std::int64_t{i} * 7919 % count;
    const std::int64_t key = order == Order::kAscending    ? i
                             : order == Order::kDescending ? count - i
                                                           : shuffled;
    keys += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", key, value);
  }
  return keys;
}

struct Holder {
  std::string before, value, behind;
};

TEST(JsonToWireLimits, ManyKeysAreToldApartQuickly) {
  const std::vector<Holder> holders = {{R"({"labels":{)", R"("x")", "}}"},
                                       {R"({"intMap":{)", "1", "}}"},
                                       {R"({"struct":{)", "null", "}}"},
                                       {R"({"x":{)", "1", "}}"},
                                       {"{", "1", "}"}};
  for (const Holder& holder : holders) {
    for (const Order order : {Order::kAscending, Order::kDescending, Order::kShuffled}) {
      const std::string keys = Keys(order, kMany, holder.value);
      const std::string twice = fmt::format(",\"{}\":{}", kMany / 2, holder.value);
      const ReaderInput input{.type = kEverything, .unknown = UnknownInput::kIgnore};
      ReaderInput distinct = input, repeated = input;
      const std::string good = holder.before + keys + holder.behind;
      const std::string bad = holder.before + keys + twice + holder.behind;
      distinct.json = good;
      repeated.json = bad;
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_TRUE(Readers().Fast(distinct).read) << holder.before;
      EXPECT_FALSE(Readers().Fast(repeated).read) << holder.before;
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
    }
  }
}

TEST(JsonToWireLimits, LargeMapsAreReadAsJsonReaderDoes) {
  for (const Order order : {Order::kAscending, Order::kDescending, Order::kShuffled}) {
    const std::string keys = Keys(order, 5000, R"("1")");
    EXPECT_TRUE(Readers().SayTheSame({kEverything, R"({"labels":{)" + keys + "}}"}));
    EXPECT_TRUE(Readers().SayTheSame({kEverything, R"({"intMap":{)" + keys + "}}"}));
    EXPECT_FALSE(Readers().SayTheSame({kEverything, R"({"labels":{)" + keys + R"(,"77":"1"}})"}));
    EXPECT_FALSE(
        Readers().SayTheSame({kEverything, R"({"intMap":{)" + keys + R"(,"7.7e1":"1"}})"}));
  }
}

// Nested messages whose lengths take from one byte to three.
TEST(JsonToWireLimits, LengthsOfAnySizeNest) {
  for (const std::size_t size : {0u, 100u, 118u, 119u, 120u, 121u, 122u, 123u, 124u, 125u, 126u,
                                 127u, 128u, 129u, 16370u, 16380u, 16384u, 100000u}) {
    std::string inside = fmt::format(R"({{"aString":"{}"}})", std::string(size, 'x'));
    for (int depth = 0; depth < 8; ++depth) {
      inside = fmt::format(R"({{"self":{},"inners":[{{}},{{"id":"a","next":{{"text":"{}"}}}}]}})",
                           inside, std::string(size / 2, 'y'));
      EXPECT_TRUE(Readers().SayTheSame({kEverything, inside}));
    }
  }
}

TEST(JsonToWireLimits, EveryBeginningOfATextIsRefused) {
  const std::string json =
      R"({"anInt32":-12,"aString":"a\u00e9b","inner":{"id":"x","list":[{},{"amount":1e2}]},)"
      R"("labels":{"a":"b"},"intMap":{"1":"2"},"int32s":[1,2],"aDouble":1.5e-3,"aBool":true,)"
      R"("any":{"@type":"x/google.protobuf.Duration","value":"1s"},"value":[null,{"a":false}],)"
      R"("someBytes":"AAEC","color":"RED","x":{"y":[1,"z"]},"timestamp":"1970-01-01T00:00:01Z"})";
  const ReaderInput whole{.type = kEverything, .json = json, .unknown = UnknownInput::kIgnore};
  EXPECT_TRUE(Readers().SayTheSame(whole));
  for (std::size_t size = 0; size < json.size(); ++size) {
    ReaderInput part = whole;
    part.json = whole.json.substr(0, size);
    EXPECT_FALSE(Readers().SayTheSame(part)) << size;
  }
}

}  // namespace
}  // namespace puente
