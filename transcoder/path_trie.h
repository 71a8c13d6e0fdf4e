// The segments of many templates as one tree, and the way of a path through it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "transcoder/path_template.h"
#include "transcoder/text_map.h"

namespace puente {

// Filled first, then read, from any thread. Templates whose segments are equal share one leaf.
//
// A template is a line of edges from the root: literals and "*", one for each segment of the path,
// so that a node is reached at one place of the path only. "**" leads to a second line, of the
// literals that follow it, which is read from the end of the path.
class PathTrie {
 public:
  class Walk;

  PathTrie() : nodes_(1) {}

  // The leaf of `segments`: numbers from 0 upwards, a new one for segments not seen before.
  std::size_t Insert(std::span<const PathTemplate::Segment> segments);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  struct Node {
    std::size_t parent = kNone;  // kNone: the root, or the first node after a "**"
    bool is_single = false;      // hangs on its parent by "*"
    std::size_t leaf = kNone;    // of the template that ends here
    std::size_t single = kNone;  // the child by "*"
    std::size_t multi = kNone;   // the first node after "**"
    TextMap<std::size_t> literals;
  };

  std::size_t AddNode(std::size_t parent, bool is_single);
  std::size_t Child(std::size_t node, const PathTemplate::Segment& segment);
  std::size_t InsertAfterMulti(std::size_t node, std::span<const PathTemplate::Segment> literals);
  std::size_t LiteralChild(std::size_t node, std::string_view raw) const;

  std::vector<Node> nodes_;
  std::size_t leaves_ = 0;
};

// Goes through the leaves that a path matches, the preferred ones first: at the first segment in
// which two templates differ a literal goes before "*" before "**", and after "**" the one with
// more literals goes first. Visits each node of the tree once at most, and allocates only where a
// segment holds a percent escape. The trie and the path must outlive it.
class PathTrie::Walk {
 public:
  // `path` is empty or begins with '/', and is not decoded. "" has no segments, "/" an empty one.
  Walk(const PathTrie& trie, std::string_view path) : trie_(trie), path_(path) {}

  struct Hit {
    std::size_t leaf;
    std::size_t multi_end;  // where in the path the part of "**" ends, if the template has one
  };
  std::optional<Hit> Next();

 private:
  enum class Step { kHere, kLiteral, kSingle, kMulti, kSuffix, kBack };

  const Node& node() const { return trie_.nodes_[node_]; }
  std::size_t SegmentEnd(std::size_t slash) const;
  std::string_view Segment() const;
  bool TakeStep();
  std::optional<Hit> HitHere();
  std::optional<Hit> HitInSuffix();
  void Descend(std::size_t child);
  bool Ascend();
  void EnterSuffix();

  const PathTrie& trie_;
  std::string_view path_;
  Step step_ = Step::kHere;  // what to try next
  std::size_t node_ = 0;
  std::size_t at_ = 0;  // the slash of the next segment, or the end of the path
  std::size_t suffix_ = kNone;
  std::size_t suffix_at_ = 0;  // the slash of the suffix's first segment, or the end of the path
};

}  // namespace puente
