#include "descriptors/import_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace puente {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ImportOrder, PutsImportsFirst) {
  const ImportOrder order = OrderByImports({{1, 2}, {3}, {3}, {}});
  EXPECT_THAT(order.files, ElementsAre(3, 1, 2, 0));
  EXPECT_THAT(order.depth, ElementsAre(3, 2, 2, 1));
  EXPECT_THAT(order.cycles, IsEmpty());
}

TEST(ImportOrder, NamesTheFilesOfACircle) {
  const ImportOrder order = OrderByImports({{1}, {2}, {1}, {3}});
  EXPECT_THAT(order.cycles, ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_THAT(order.files, ElementsAre(2, 1, 0, 3));
}

TEST(ImportOrder, AChainOfAMillionFilesCostsNoStack) {
  ImportGraph chain(1000000);
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) chain[i] = {i + 1};
  const ImportOrder order = OrderByImports(chain);
  EXPECT_EQ(order.files.front(), chain.size() - 1);
  EXPECT_EQ(order.depth.front(), chain.size());
}

TEST(ImportOrder, StopsNamingCirclesWhenThereAreMany) {
  ImportGraph all_import_all(300);
  for (auto& imports : all_import_all) {
    for (std::size_t i = 0; i < all_import_all.size(); ++i) imports.push_back(i);
  }
  EXPECT_EQ(OrderByImports(all_import_all).cycles.size(), 20u);
}

}  // namespace
}  // namespace puente
