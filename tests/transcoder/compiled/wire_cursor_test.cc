#include "transcoder/compiled/wire_cursor.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace puente {
namespace {

std::optional<std::uint64_t> Varint(const std::string& bytes) {
  WireCursor in(bytes);
  std::uint64_t value;
  return in.ReadVarint(value) && in.done() ? std::optional(value) : std::nullopt;
}

std::optional<std::uint32_t> Tag(const std::string& bytes) {
  WireCursor in(bytes);
  FieldTag tag;
  return in.ReadTag(tag) && in.done() ? std::optional(tag.bits) : std::nullopt;
}

std::optional<std::string> Bytes(const std::string& bytes) {
  WireCursor in(bytes);
  std::string_view content;
  return in.ReadBytes(content) ? std::optional(std::string(content)) : std::nullopt;
}

// `count` bytes that say that there are more, and a last one.
std::string Long(std::size_t count, char last) { return std::string(count, '\x80') + last; }

TEST(WireCursor, Varints) {
  EXPECT_EQ(Varint(std::string(1, '\0')), 0);
  EXPECT_EQ(Varint("\x7f"), 127);
  EXPECT_EQ(Varint("\x80\x01"), 128);
  EXPECT_EQ(Varint("\xff\x7f"), 16383);
  EXPECT_EQ(Varint("\xff\xff\x7f"), 2097151);
  EXPECT_EQ(Varint(std::string(9, '\xff') + "\x01"), ~std::uint64_t{0});
  EXPECT_EQ(Varint(std::string(9, '\xff') + "\x7f"), ~std::uint64_t{0}) << "beyond 64 bits";
  for (std::size_t more = 0; more < 10; ++more) EXPECT_EQ(Varint(Long(more, '\0')), 0) << more;
  for (const std::string& bytes : {std::string(), Long(10, '\0'), std::string(3, '\x80')}) {
    EXPECT_EQ(Varint(bytes), std::nullopt) << bytes.size();
  }
}

TEST(WireCursor, Tags) {
  EXPECT_EQ(Tag("\x08"), 8);
  EXPECT_EQ(Tag("\xf8\x01"), 248);
  EXPECT_EQ(Tag("\xff\xff\xff\xff\x0f"), UINT32_MAX);
  EXPECT_EQ(Tag("\x88\x80\x80\x80\x70"), 8) << "beyond 32 bits";
  for (std::size_t more = 0; more < 5; ++more) EXPECT_EQ(Tag(Long(more, '\0')), 0) << more;
  for (const std::string& bytes : {std::string(), Long(5, '\0'), std::string(2, '\x80')}) {
    EXPECT_EQ(Tag(bytes), std::nullopt) << bytes.size();
  }
}

TEST(WireCursor, Lengths) {
  EXPECT_EQ(Bytes(std::string(1, '\0')), "");
  EXPECT_EQ(Bytes("\x02"
                  "ab"
                  "c"),
            "ab");
  EXPECT_EQ(Bytes(Long(4, '\0') + "ab"), "");
  for (const std::string& bytes :
       {std::string(),
        std::string("\x03"
                    "ab"),
        Long(5, '\0'), std::string("\x80"), std::string("\xff\xff\xff\xff\x07"),
        std::string("\xff\xff\xff\xff\x0f"), std::string("\x80\x80\x80\x80\x10")}) {
    EXPECT_EQ(Bytes(bytes), std::nullopt);
  }
}

TEST(WireCursor, FixedNumbers) {
  std::uint64_t value;
  const std::string bytes("\x01\x02\x03\x84\x01\x00\x00\x00\x00\x00\x00\x80", 12);
  WireCursor in(bytes);
  ASSERT_TRUE(in.ReadFixed32(value));
  EXPECT_EQ(value, 0x84030201u);
  ASSERT_TRUE(in.ReadFixed64(value));
  EXPECT_EQ(value, 0x8000000000000001u);
  EXPECT_TRUE(in.done());
  EXPECT_FALSE(in.ReadFixed32(value));
  EXPECT_FALSE(WireCursor("1234567").ReadFixed64(value));
}

TEST(WireCursor, TakesATagThatComesNext) {
  const std::string bytes = "\xf8\x01\x08";
  WireCursor in(bytes);
  EXPECT_FALSE(in.TakeTag(WireTag(1, WireType::kVarint)));
  EXPECT_TRUE(in.TakeTag(WireTag(31, WireType::kVarint)));
  EXPECT_EQ(in.left(), 1u);
  EXPECT_FALSE(in.TakeTag(WireTag(31, WireType::kVarint)));
  EXPECT_TRUE(in.TakeTag(WireTag(1, WireType::kVarint)));
  EXPECT_FALSE(in.TakeTag(WireTag(1, WireType::kVarint))) << "nothing is left";
}

// Whether a field is skipped to its end.
bool SkipsAll(const std::string& bytes, int max_depth = 3) {
  WireCursor in(bytes);
  FieldTag tag;
  return in.ReadTag(tag) && in.Skip(tag, max_depth) && in.done();
}

TEST(WireCursor, Skips) {
  for (const std::string bytes :
       {"\x08\xff\x01",
        "\x09"
        "12345678",
        "\x0a\x02"
        "ab",
        "\x0d"
        "1234",
        "\x0b\x0c", "\x0b\x08\x01\x12\x01\x0c\x0c", "\x0b\x13\x1b\x1c\x14\x0c"}) {
    EXPECT_TRUE(SkipsAll(bytes)) << bytes;
  }
  for (const std::string& bytes :
       {std::string("\x08"),
        std::string("\x09"
                    "1234567"),
        std::string("\x0a\x03"
                    "ab"),
        std::string("\x0d"
                    "123"),
        std::string("\x0c"), std::string("\x0e\x01"), std::string("\x0f\x01"),
        std::string("\x00\x01", 2), std::string("\x02\x01"), std::string("\x0b"),
        std::string("\x0b\x14"), std::string("\x0b\x08\x0c"), std::string("\x0b\x13\x0c\x14"),
        std::string("\x0b\x00\x0c", 3)}) {
    EXPECT_FALSE(SkipsAll(bytes)) << bytes;
  }
  EXPECT_FALSE(SkipsAll("\x0b\x13\x1b\x1c\x14\x0c", 2)) << "groups too deep";
}

}  // namespace
}  // namespace puente
