#include "transcoder/wire_writer.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace puente
