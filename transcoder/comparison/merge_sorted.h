// Walks through two sorted sequences side by side.
#pragma once

#include <vector>

namespace puente {

// Calls `visit` once for each key of `a` and `b`, in ascending order, with pointers to the items
// that have it; nullptr for the side that has none. `compare(x, y)` is negative, 0 or positive.
// Either vector is sorted by it, and has each key once.
template <class Item, class Compare, class Visit>
void MergeSorted(const std::vector<Item>& a, const std::vector<Item>& b, Compare compare,
                 Visit visit) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    const int order = left == a.end() ? 1 : right == b.end() ? -1 : compare(*left, *right);
    visit(order <= 0 ? &*left : nullptr, order >= 0 ? &*right : nullptr);
    if (order <= 0) ++left;
    if (order >= 0) ++right;
  }
}

}  // namespace puente
