#include "proxy/reload/descriptor_changes.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/testdata/compile_protos.h"

namespace puente {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::LoadProto;
using ::testing::StartsWith;

std::string Shop(const std::string& members) {
  return "syntax = \"proto3\"; package shop; service Shop { rpc Get(Item) returns (Item); }\n"
         "message Item { " +
         members + " }";
}

TEST(DescriptorChanges, NoneBetweenTheSame) {
  const DescriptorChanges changes =
      CompareDescriptors(*LoadProto(Shop("string id = 1;")), *LoadProto(Shop("string id = 1;")));
  EXPECT_THAT(changes.breaking, IsEmpty());
  EXPECT_THAT(changes.others, IsEmpty());
}

TEST(DescriptorChanges, AnAdditionBreaksNothing) {
  const DescriptorChanges changes =
      CompareDescriptors(*LoadProto(Shop("")), *LoadProto(Shop("string id = 1;")));
  EXPECT_THAT(changes.breaking, IsEmpty());
  EXPECT_THAT(changes.others, ElementsAre("shop.Item.id: field added: string = 1"));
}

TEST(DescriptorChanges, BreakingOnesAreApart) {
  const DescriptorChanges changes =
      CompareDescriptors(*LoadProto(Shop("string id = 1; string sku = 2;")),
                         *LoadProto(Shop("string id = 3; string note = 4;")));
  EXPECT_THAT(changes.breaking,
              ElementsAre("shop.Item.id: number changed from 1 to 3 (wire)",
                          StartsWith("shop.Item.sku: field removed (JSON and wire)")));
  EXPECT_THAT(changes.others, ElementsAre("shop.Item.note: field added: string = 4"));
}

}  // namespace
}  // namespace puente
