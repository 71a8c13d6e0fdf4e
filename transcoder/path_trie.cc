#include "transcoder/path_trie.h"

#include <algorithm>

namespace puente {

using Kind = PathTemplate::SegmentKind;

std::size_t PathTrie::AddNode(std::size_t parent, bool is_single) {
  nodes_.emplace_back();
  nodes_.back().parent = parent;
  nodes_.back().is_single = is_single;
  return nodes_.size() - 1;
}

std::size_t PathTrie::Child(std::size_t node, const PathTemplate::Segment& segment) {
  const bool is_single = segment.kind == Kind::kSingle;
  const std::size_t known =
      is_single ? nodes_[node].single
                : nodes_[node].literals.try_emplace(segment.literal, kNone).first->second;
  if (known != kNone) return known;
  const std::size_t child = AddNode(node, is_single);
  (is_single ? nodes_[node].single : nodes_[node].literals[segment.literal]) = child;
  return child;
}

std::size_t PathTrie::InsertAfterMulti(std::size_t node,
                                       std::span<const PathTemplate::Segment> literals) {
  if (nodes_[node].multi == kNone) {
    const std::size_t first = AddNode(kNone, false);
    nodes_[node].multi = first;
  }
  node = nodes_[node].multi;
  for (std::size_t i = literals.size(); i > 0; --i) node = Child(node, literals[i - 1]);
  return node;
}

std::size_t PathTrie::Insert(std::span<const PathTemplate::Segment> segments) {
  std::size_t node = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind == Kind::kMulti) {
      node = InsertAfterMulti(node, segments.subspan(i + 1));
      break;
    }
    node = Child(node, segments[i]);
  }
  if (nodes_[node].leaf == kNone) nodes_[node].leaf = leaves_++;
  return nodes_[node].leaf;
}

std::size_t PathTrie::LiteralChild(std::size_t node, std::string_view raw) const {
  const std::size_t* child = FindDecoded(nodes_[node].literals, raw);
  return child == nullptr ? kNone : *child;
}

std::size_t PathTrie::Walk::SegmentEnd(std::size_t slash) const {
  return std::min(path_.find('/', slash + 1), path_.size());
}

std::string_view PathTrie::Walk::Segment() const {
  if (at_ == path_.size()) return {};
  return path_.substr(at_ + 1, SegmentEnd(at_) - at_ - 1);
}

std::optional<PathTrie::Walk::Hit> PathTrie::Walk::Next() {
  do {
    auto hit = step_ == Step::kHere     ? HitHere()
               : step_ == Step::kSuffix ? HitInSuffix()
                                        : std::nullopt;
    if (hit) return hit;
  } while (TakeStep());
  return std::nullopt;
}

bool PathTrie::Walk::TakeStep() {
  switch (step_) {
    case Step::kLiteral:
      step_ = Step::kSingle;
      Descend(trie_.LiteralChild(node_, Segment()));
      return true;
    case Step::kSingle:
      step_ = Step::kMulti;
      if (!Segment().empty()) Descend(node().single);
      return true;
    case Step::kMulti:
      step_ = Step::kSuffix;
      EnterSuffix();
      return true;
    case Step::kBack:
      return Ascend();
    default:
      return true;
  }
}

std::optional<PathTrie::Walk::Hit> PathTrie::Walk::HitHere() {
  step_ = Step::kLiteral;
  if (at_ != path_.size() || node().leaf == kNone) return std::nullopt;
  return Hit{node().leaf, at_};
}

std::optional<PathTrie::Walk::Hit> PathTrie::Walk::HitInSuffix() {
  while (suffix_ != kNone) {
    const Node& end = trie_.nodes_[suffix_];
    const Hit hit{end.leaf, suffix_at_};
    suffix_ = end.parent;
    suffix_at_ = SegmentEnd(suffix_at_);
    if (hit.leaf != kNone) return hit;
  }
  step_ = Step::kBack;
  return std::nullopt;
}

void PathTrie::Walk::Descend(std::size_t child) {
  if (child == kNone) return;
  node_ = child;
  at_ = SegmentEnd(at_);
  step_ = Step::kHere;
}

bool PathTrie::Walk::Ascend() {
  if (node().parent == kNone) return false;
  step_ = node().is_single ? Step::kMulti : Step::kSingle;
  at_ = path_.rfind('/', at_ - 1);
  node_ = node().parent;
  return true;
}

void PathTrie::Walk::EnterSuffix() {
  suffix_ = node().multi;
  suffix_at_ = path_.size();
  while (suffix_ != kNone && suffix_at_ > at_) {
    const std::size_t slash = path_.rfind('/', suffix_at_ - 1);
    const std::size_t child =
        trie_.LiteralChild(suffix_, path_.substr(slash + 1, suffix_at_ - slash - 1));
    if (child == kNone) return;
    suffix_ = child;
    suffix_at_ = slash;
  }
}

}  // namespace puente
