#include "transcoder/compiled/member_bits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace puente {
namespace {

TEST(MemberBits, KnowEachMemberOfEachMessage) {
  for (const std::size_t bits : {1u, 63u, 64u, 65u, 127u, 128u, 129u, 1000u}) {
    std::vector<std::uint64_t> stack;
    MemberBits outer(stack, bits);
    for (std::size_t i = 0; i < bits; ++i) EXPECT_TRUE(outer.Add(i)) << bits << " " << i;
    {
      MemberBits inner(stack, bits);
      for (std::size_t i = bits; i-- > 0;) EXPECT_TRUE(inner.Add(i)) << bits << " " << i;
      for (std::size_t i = 0; i < bits; ++i) EXPECT_FALSE(inner.Add(i)) << bits << " " << i;
    }
    for (std::size_t i = 0; i < bits; ++i) EXPECT_FALSE(outer.Add(i)) << bits << " " << i;
  }
}

TEST(MemberBits, OfSmallMessagesTakeNoSpaceOnTheStack) {
  std::vector<std::uint64_t> stack;
  const MemberBits small(stack, 64);
  EXPECT_TRUE(stack.empty());
  {
    const MemberBits large(stack, 65);
    EXPECT_EQ(stack.size(), 1u);
  }
  EXPECT_TRUE(stack.empty());
}

}  // namespace
}  // namespace puente
