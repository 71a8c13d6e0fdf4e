#include "transcoder/wire_writer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "codec_types.pb.h"

namespace puente {
namespace {

TEST(WireWriter, WritesWhatProtobufReads) {
  WireWriter wire;
  wire.Varint(1, static_cast<std::uint64_t>(std::int64_t{-1}));
  wire.Fixed32(7, 5);
  wire.Fixed64(8, 6);
  wire.Bytes(14, "text");
  wire.Open(17);
  wire.Bytes(1, std::string(200, 'x'));
  wire.Open(3);
  wire.Varint(2, 300);
  wire.Close();
  wire.Open(3);
  wire.Close();
  wire.Close();
  wire.Open(21);
  wire.BareVarint(1);
  wire.BareVarint(200);
  wire.Close();
  const std::size_t size = wire.size();
  const std::string bytes = std::move(wire).Finish();
  EXPECT_EQ(bytes.size(), size);
  codec::Everything message;
  ASSERT_TRUE(message.ParseFromString(bytes));
  EXPECT_EQ(message.ShortDebugString(),
            "an_int32: -1 a_fixed32: 5 a_fixed64: 6 a_string: \"text\" inner { id: \"" +
                std::string(200, 'x') + "\" next { amount: 300 } } int32s: 1 int32s: 200");
}

TEST(WireWriter, RewindTakesBackNestedMessages) {
  WireWriter wire;
  wire.Open(17);
  wire.Varint(2, 1);
  const WireWriter::Mark mark = wire.mark();
  wire.Open(3);
  wire.Bytes(1, std::string(1000, 'x'));
  wire.Close();
  wire.Rewind(mark);
  wire.Bytes(1, "a");
  wire.Close();
  codec::Everything message;
  ASSERT_TRUE(message.ParseFromString(std::move(wire).Finish()));
  EXPECT_EQ(message.ShortDebugString(), R"(inner { id: "a" amount: 1 })");
}

TEST(WireWriter, KnowsHowManyAreOpen) {
  WireWriter wire;
  EXPECT_EQ(wire.depth(), 0u);
  wire.Open(17);
  wire.Open(3);
  EXPECT_EQ(wire.depth(), 2u);
  wire.Close();
  EXPECT_EQ(wire.depth(), 1u);
  wire.Close();
  EXPECT_EQ(wire.depth(), 0u);
}

TEST(WireWriter, LengthsOfNestedMessagesCountTheirOwnLengths) {
  WireWriter wire;
  constexpr int kDepth = 60;
  for (int i = 0; i < kDepth; ++i) {
    wire.Open(102);
    wire.Bytes(14, std::string(7, 'x'));
  }
  for (int i = 0; i < kDepth; ++i) wire.Close();
  codec::Everything message;
  ASSERT_TRUE(message.ParseFromString(std::move(wire).Finish()));
  int depth = 0;
  for (const auto* at = &message; at->has_self(); at = &at->self()) ++depth;
  EXPECT_EQ(depth, kDepth);
}

std::string VarintOf(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

// Writes random fields, some of which it takes back, and returns what they must be.
class RandomFields {
 public:
  explicit RandomFields(unsigned seed) : random_(seed) {}

  std::string WriteTo(WireWriter& wire, int depth) {
    std::string expected;
    for (int n = Below(4); n > 0; --n) {
      const WireWriter::Mark mark = wire.mark();
      const std::string field = WriteOne(wire, depth);
      Below(6) == 0 ? wire.Rewind(mark) : void(expected += field);
    }
    return expected;
  }

 private:
  unsigned Below(unsigned limit) { return random_() % limit; }

  std::string WriteOne(WireWriter& wire, int depth) {
    const int number = 1 << Below(29);
    if (depth == 0 || Below(3) == 0) return WriteScalar(wire, number);
    const std::string tag = VarintOf(static_cast<std::uint64_t>(number) << 3 | 2);
    const bool is_open = Below(2) == 0;
    WireWriter::Nested nested{};
    is_open ? wire.Open(number)
            : void(nested = wire.Begin(WireTag(number, WireType::kLengthDelimited)));
    const std::string content = WriteTo(wire, depth - 1);
    EXPECT_TRUE(is_open || wire.ContentSize(nested) == content.size());
    is_open ? wire.Close() : wire.End(nested);
    return tag + VarintOf(content.size()) + content;
  }

  std::string WriteScalar(WireWriter& wire, int number) {
    const auto tag = [&](unsigned type) {
      return VarintOf(static_cast<std::uint64_t>(number) << 3 | type);
    };
    const std::uint64_t bits = random_() >> Below(64);
    const std::string text(Below(2) == 0 ? Below(40) : Below(400), 'x');
    std::string fixed;
    for (int i = 0; i < 8; ++i) fixed += static_cast<char>(bits >> 8 * i);
    switch (Below(7)) {
      case 0:
        wire.Varint(number, bits);
        return tag(0) + VarintOf(bits);
      case 1:
        wire.Fixed64(number, bits);
        return tag(1) + fixed;
      case 2:
        wire.Fixed32(number, static_cast<std::uint32_t>(bits));
        return tag(5) + fixed.substr(0, 4);
      case 3:
        wire.BareVarint(bits);
        wire.BareFixed32(static_cast<std::uint32_t>(bits));
        wire.BareFixed64(bits);
        return VarintOf(bits) + fixed.substr(0, 4) + fixed;
      case 4:
        wire.Bytes(number, text);
        break;
      case 5:
        wire.Bytes(WireTag(number, WireType::kLengthDelimited),
                   std::string_view(text).substr(0, text.size() / 2), text.data() + text.size());
        return tag(2) + VarintOf(text.size() / 2) + text.substr(0, text.size() / 2);
      default:
        text.copy(wire.BytesToFill(WireTag(number, WireType::kLengthDelimited), text.size()),
                  text.size());
    }
    return tag(2) + VarintOf(text.size()) + text;
  }

  std::mt19937_64 random_;
};

TEST(WireWriter, WritesWhatItIsToldInAnyOrderAndNesting) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    WireWriter wire;
    if (seed % 2 == 0) wire.Reserve(seed);
    const std::string expected = RandomFields(seed).WriteTo(wire, 7);
    ASSERT_EQ(wire.size(), expected.size()) << seed;
    ASSERT_EQ(std::move(wire).Finish(), expected) << seed;
  }
}

TEST(WireWriter, IsLinearInManyNestedMessages) {
  WireWriter wire;
  constexpr int kMessages = 200000;
  const std::string text(130, 'x');
  wire.Open(1);
  for (int i = 0; i < kMessages; ++i) {
    wire.Open(1);
    wire.Open(2);
    wire.Bytes(1, text);
    wire.Close();
    wire.Close();
  }
  wire.Close();
  const std::size_t size = wire.size();
  EXPECT_EQ(size, 5u + kMessages * (3u + 3u + 3u + text.size()));
  EXPECT_EQ(std::move(wire).Finish().size(), size);
}

}  // namespace
}  // namespace puente
