#include "config/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <utility>

#include "config/utf8.h"

namespace puente {
namespace {

SourceMap::Position PositionOf(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Ends the parse from within a handler; never leaves this file.
struct Stop {
  YamlProblem problem;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlTree& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      throw Stop{{PositionOf(mark),
                  "what begins here does not belong to what is above it; a file is one YAML "
                  "document"}};
    }
  }
  void OnDocumentEnd() override {}

  // Of what was read last.
  SourceMap::Position position() const { return position_; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
    Place(NewNode(YamlNode::Kind::kNull, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Refuse(mark, "aliases (*name) are not supported; write the value out");
    Place(NewNode(YamlNode::Kind::kInvalid, mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    YamlNode node = NewNode(YamlNode::Kind::kScalar, mark);
    node.scalar = value;
    node.quoted = tag == "!";
    Place(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kMapping, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Collection {
    YamlNode node;
    bool has_key = false;  // of a mapping: the next value belongs to `key`
    YamlNode key{};
  };

  YamlNode NewNode(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > kMaxYamlNodes) {
      throw Stop{{PositionOf(mark), fmt::format("there are more than {} values", kMaxYamlNodes)}};
    }
    position_ = PositionOf(mark);
    return {kind, position_};
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (open_.size() >= kMaxYamlDepth) {
      throw Stop{{PositionOf(mark), fmt::format("nested deeper than {} levels", kMaxYamlDepth)}};
    }
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    open_.push_back({NewNode(kind, mark)});
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Place(std::move(node));
  }

  void Place(YamlNode node) {
    if (open_.empty()) {
      tree_.root = std::move(node);
    } else if (Collection& top = open_.back(); top.node.kind == YamlNode::Kind::kSequence) {
      top.node.children.push_back(std::move(node));
    } else if (!top.has_key) {
      top.key = std::move(node);
      top.has_key = true;
      CheckKey(top.key);
    } else {
      top.has_key = false;
      AddEntry(top, std::move(node));
    }
  }

  void CheckKey(YamlNode& key) {
    if (key.kind == YamlNode::Kind::kScalar && key.scalar == "<<" && !key.quoted) {
      key.kind = YamlNode::Kind::kInvalid;
      tree_.problems.push_back(
          {key.position, "merge keys (<<) are not supported; write the keys out"});
    } else if (key.kind != YamlNode::Kind::kScalar && key.kind != YamlNode::Kind::kInvalid) {
      key.kind = YamlNode::Kind::kInvalid;
      tree_.problems.push_back({key.position, "a key must be text"});
    }
  }

  static void AddEntry(Collection& mapping, YamlNode value) {
    if (mapping.key.kind == YamlNode::Kind::kInvalid) return;
    value.key = std::move(mapping.key.scalar);
    value.position = mapping.key.position;
    mapping.node.children.push_back(std::move(value));
  }

  void Refuse(const YAML::Mark& mark, std::string message) {
    tree_.problems.push_back({PositionOf(mark), std::move(message)});
  }

  void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) Refuse(mark, "anchors (&name) are not supported");
  }

  // yaml-cpp gives "?" for what is plain and "!" for what is in quotes.
  void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(mark, "tags (!name) are not supported");
  }

  YamlTree& tree_;
  std::vector<Collection> open_;
  SourceMap::Position position_{1, 1};
  int documents_ = 0;
  int nodes_ = 0;
};

// yaml-cpp takes the end of the last line for the end of a quote that is not closed, and sees the
// mistake only where the text ends without one.
std::string_view WithoutLastLineEnds(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

YamlProblem Describe(const YAML::Exception& error, SourceMap::Position last_read) {
  if (error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
    return {last_read, "not valid YAML: a quote in this line or below it is not closed"};
  }
  // Some messages repeat a piece of the text.
  const std::string reason = IsPrintableUtf8(error.msg) ? error.msg : "unexpected character";
  return {PositionOf(error.mark), "not valid YAML: " + reason};
}

}  // namespace

tl::expected<YamlTree, YamlProblem> ParseYaml(std::string_view text) {
  std::istringstream stream{std::string(WithoutLastLineEnds(text))};
  YamlTree tree;
  TreeBuilder builder(tree);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Stop& stop) {
    return tl::unexpected(std::move(stop.problem));
  } catch (const YAML::Exception& error) {
    return tl::unexpected(Describe(error, builder.position()));
  }
  return tree;
}

}  // namespace puente
