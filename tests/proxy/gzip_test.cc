#include "proxy/http/gzip.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <string_view>

namespace puente {
namespace {

using Flush = GzipEncoder::Flush;

constexpr std::uint64_t kAnyRatio = std::numeric_limits<std::uint64_t>::max();

// {"a":1} as gzip(1) packs it.
constexpr std::string_view kForeign(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\xaf\xac\x1b\x56"
    "\x07\x00\x00\x00",
    27);

std::string Gzip(std::string_view text) {
  GzipEncoder encoder;
  std::string packed;
  encoder.Encode(text, packed, Flush::kFinish);
  return packed;
}

// gzip with a name, a comment, an extra field and a checksum of the header.
std::string GzipWithHeaderFields(std::string_view text) {
  Bytef name[] = "invoices.json";
  Bytef comment[] = "nothing";
  Bytef extra[] = "extra";
  gz_header header{};
  header.name = name;
  header.comment = comment;
  header.extra = extra;
  header.extra_len = sizeof extra;
  header.hcrc = 1;
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  deflateSetHeader(&stream, &header);
  std::string packed(1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

// Text that is neither all of one kind nor incompressible.
std::string SomeJson(std::size_t at_least) {
  std::mt19937 random(7);
  std::string json = "[0";
  while (json.size() < at_least) json += ",{\"id\":" + std::to_string(random()) + "}";
  return json + "]";
}

std::string Incompressible(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

Result<std::string> Unpack(std::string_view packed, std::size_t step = 1'000'000'000,
                           std::size_t limit = 1'000'000'000, std::uint64_t ratio = kAnyRatio) {
  GzipDecoder decoder(ratio);
  std::string text;
  for (std::size_t pos = 0; pos < packed.size(); pos += step) {
    const std::string push(packed.substr(pos, step));
    std::string_view input = push;
    for (bool more = true; more;) {
      const std::size_t before = text.size();
      const Result<bool> decoded = decoder.Decode(input, text, limit);
      EXPECT_LE(text.size() - before, limit);
      if (!decoded) return tl::unexpected(decoded.error());
      more = *decoded;
      EXPECT_TRUE(!more || text.size() == before + limit) << "stopped before the limit";
    }
    EXPECT_TRUE(input.empty());
  }
  const Result<void> end = decoder.Finish();
  if (!end) return tl::unexpected(end.error());
  return text;
}

TEST(GzipDecoder, UnpacksHoweverTheBytesCome) {
  const std::string json = SomeJson(40'000);
  struct Case {
    std::string packed;
    std::string text;
  };
  const Case kCases[] = {
      {std::string(kForeign), R"({"a":1})"},
      {Gzip(""), ""},
      {Gzip("{}"), "{}"},
      {Gzip(json), json},
      {GzipWithHeaderFields("{}"), "{}"},
      {Gzip("{\"a\"") + Gzip(":1") + Gzip("") + std::string(kForeign), R"({"a":1{"a":1})"},
      {"", ""},
  };
  for (const auto& c : kCases) {
    for (const std::size_t step : {1, 2, 7, 1000, 1'000'000}) {
      for (const std::size_t limit : {1, 3, 4096, 1'000'000}) {
        const Result<std::string> text = Unpack(c.packed, step, limit);
        ASSERT_TRUE(text) << text.error().message;
        EXPECT_EQ(*text, c.text);
      }
    }
  }
}

TEST(GzipDecoder, RefusesWhatIsNotGzip) {
  std::string wrong_checksum(kForeign);
  wrong_checksum[20] ^= 1;
  std::string wrong_length(kForeign);
  wrong_length[24] ^= 1;
  std::string wrong_data(kForeign);
  wrong_data[10] ^= 0x06;
  std::string zlib_format(compressBound(2), '\0');
  uLongf size = zlib_format.size();
  compress(reinterpret_cast<Bytef*>(zlib_format.data()), &size,
           reinterpret_cast<const Bytef*>("{}"), 2);
  zlib_format.resize(size);
  for (const std::string& packed :
       {std::string(R"({"a":1})"), std::string(" "), std::string("\0", 1), std::string("\x1f\x8c"),
        std::string("x"), std::string("\x1f\x8b\x07\x00", 4), " " + std::string(kForeign),
        wrong_checksum, wrong_length, wrong_data, zlib_format, std::string("\x28\xb5\x2f\xfd")}) {
    for (const std::size_t step : {1, 1000}) {
      const Result<std::string> text = Unpack(packed, step);
      ASSERT_FALSE(text);
      EXPECT_EQ(text.error().code, Code::kInvalidArgument);
      EXPECT_EQ(text.error().HttpStatus(), 400);
      EXPECT_EQ(text.error().message,
                "the body is not valid gzip, as its Content-Encoding says it is");
    }
  }
}

TEST(GzipDecoder, RefusesACutBody) {
  for (std::size_t size = 1; size < kForeign.size(); ++size) {
    for (const std::string& before : {std::string(), Gzip("[]")}) {
      for (const std::size_t step : {1, 1000}) {
        const Result<std::string> text =
            Unpack(before + std::string(kForeign.substr(0, size)), step);
        ASSERT_FALSE(text) << size;
        EXPECT_EQ(text.error().code, Code::kInvalidArgument);
        EXPECT_EQ(text.error().message, "the gzip body ends too early");
      }
    }
  }
}

TEST(GzipDecoder, RefusesWhatIsBehindTheEnd) {
  for (const std::string& behind : {std::string("x"), std::string("\n"), std::string("\0\0", 2),
                                    std::string("\x1f\x8b\x01\x00", 4), std::string("{}")}) {
    for (const std::size_t step : {1, 1000}) {
      const Result<std::string> text = Unpack(std::string(kForeign) + behind, step);
      ASSERT_FALSE(text);
      EXPECT_EQ(text.error().code, Code::kInvalidArgument);
      EXPECT_EQ(text.error().message, "what follows the gzip data of the body is not gzip");
    }
  }
}

TEST(GzipDecoder, BoundsTheRatio) {
  constexpr std::size_t kMegabyte = 1 << 20;
  const std::string zeros = Gzip(std::string(kMegabyte, '\0'));
  const double ratio = static_cast<double>(kMegabyte) / static_cast<double>(zeros.size());
  ASSERT_GT(ratio, 200);
  for (const std::size_t step : {1, 100, 1'000'000}) {
    const Result<std::string> text = Unpack(zeros, step, 4096, 100);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Code::kResourceExhausted);
    EXPECT_EQ(text.error().HttpStatus(), 413);
    EXPECT_TRUE(Unpack(zeros, step, 4096, 1100));
  }
}

TEST(GzipDecoder, LetsSmallBodiesExpandAsTheyLike) {
  const std::string free(GzipDecoder::kFreeOutput, '\0');
  EXPECT_TRUE(Unpack(Gzip(free), 1000, 1000, 1));
  EXPECT_FALSE(Unpack(Gzip(free + '\0'), 1000, 1000, 1));
}

TEST(GzipDecoder, CountsTheRatioOverAllMembers) {
  const std::string member = Gzip(std::string(60'000, '\0'));
  EXPECT_TRUE(Unpack(member, 1000, 4096, 10));
  EXPECT_FALSE(Unpack(member + member, 1000, 4096, 10));
  EXPECT_TRUE(Unpack(Gzip(Incompressible(14'000)) + member + member, 1000, 4096, 10));
}

// A bomb costs its caller no more than what it asked for.
TEST(GzipDecoder, StopsAtTheRatioBeforeAllIsUnpacked) {
  const std::string bomb = Gzip(std::string(64 << 20, '\0'));
  GzipDecoder decoder(100);
  std::string_view input = bomb;
  std::string text;
  EXPECT_FALSE(decoder.Decode(input, text, 1'000'000'000));
  EXPECT_LE(text.size(), 1'000'000U);
}

TEST(GzipEncoder, WhatItPacksUnpacks) {
  for (const std::string& text : {std::string(), std::string("{}"), SomeJson(35'000),
                                  SomeJson(3'000'000), Incompressible(100'000)}) {
    const Result<std::string> unpacked = Unpack(Gzip(text), 4096, 4096);
    ASSERT_TRUE(unpacked) << unpacked.error().message;
    EXPECT_EQ(*unpacked, text);
  }
}

TEST(GzipEncoder, MakesJsonSmaller) {
  const std::string json = SomeJson(35'000);
  EXPECT_LT(Gzip(json).size(), json.size() / 2);
  EXPECT_LT(Gzip(Incompressible(35'000)).size(), 35'100U);
}

// A message of a stream is with the client before there is a next one (rule 4).
TEST(GzipEncoder, WhatWasSyncedUnpacksAtOnce) {
  for (const auto memory : {GzipEncoder::Memory::kLarge, GzipEncoder::Memory::kSmall}) {
    GzipEncoder encoder(memory);
    GzipDecoder decoder(kAnyRatio);
    std::string text;
    const auto pass_on = [&](const std::string& message, Flush flush) {
      std::string packed;
      encoder.Encode(message, packed, flush);
      std::string_view input = packed;
      while (decoder.Decode(input, text, 1000).value()) continue;
    };
    std::string expected;
    for (const std::string& message : {std::string("{}\n"), SomeJson(100'000), std::string(),
                                       Incompressible(16'384), std::string("\n"), std::string()}) {
      pass_on(message, Flush::kSync);
      expected += message;
      ASSERT_EQ(text, expected);
      EXPECT_FALSE(decoder.Finish());
    }
    pass_on("]", Flush::kFinish);
    EXPECT_EQ(text, expected + "]");
    EXPECT_TRUE(decoder.Finish());
  }
}

std::size_t SizeOfStream(GzipEncoder::Memory memory) {
  GzipEncoder encoder(memory);
  std::string packed;
  for (int i = 0; i < 1000; ++i) {
    encoder.Encode("data: {\"id\":\"inv-" + std::to_string(i * 7919 % 100003) +
                       "\",\"customer\":\"customers/" + std::to_string(i * 31 % 977) +
                       "\",\"status\":\"STATUS_OPEN\"}\n\n",
                   packed, Flush::kSync);
  }
  return packed.size();
}

TEST(GzipEncoder, WithLittleMemoryPacksSmallMessagesNearlyAsWell) {
  const std::size_t large = SizeOfStream(GzipEncoder::Memory::kLarge);
  const std::size_t small = SizeOfStream(GzipEncoder::Memory::kSmall);
  EXPECT_LT(small, large * 11 / 10) << large;
}

// Output that fills the room which the encoder makes for it, give or take a byte.
TEST(GzipEncoder, SyncsAtEverySizeOfOutput) {
  std::vector<std::size_t> sizes(200);
  std::iota(sizes.begin(), sizes.end(), 0);
  for (std::size_t size = 16'300; size < 16'400; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    GzipEncoder encoder;
    std::string packed;
    const std::string text = Incompressible(size);
    encoder.Encode(text, packed, Flush::kSync);
    encoder.Encode("", packed, Flush::kFinish);
    const Result<std::string> unpacked = Unpack(packed);
    ASSERT_TRUE(unpacked) << size;
    EXPECT_EQ(*unpacked, text);
  }
}

TEST(GzipEncoder, PacksOneBodyBehindTheOther) {
  GzipEncoder encoder;
  for (const std::string text : {"first", "", "first", "second"}) {
    std::string packed;
    encoder.Encode(text, packed, Flush::kFinish);
    EXPECT_EQ(packed, Gzip(text));
  }
}

TEST(GzipEncoder, AppendsBehindWhatIsThere) {
  GzipEncoder encoder;
  std::string out = "HTTP";
  encoder.Encode("{}", out, Flush::kFinish);
  EXPECT_EQ(out, "HTTP" + Gzip("{}"));
}

}  // namespace
}  // namespace puente
