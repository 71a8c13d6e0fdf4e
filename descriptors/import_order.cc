#include "descriptors/import_order.h"

#include <algorithm>
#include <utility>

namespace puente {
namespace {

class DepthFirst {
 public:
  explicit DepthFirst(const ImportGraph& imports)
      : imports_(imports), state_(imports.size(), State::kNew) {
    order_.depth.resize(imports.size(), 1);
  }

  ImportOrder Run() && {
    for (std::size_t file = 0; file < imports_.size(); ++file) {
      if (state_[file] != State::kNew) continue;
      Open(file);
      while (!stack_.empty()) Advance();
    }
    return std::move(order_);
  }

 private:
  enum class State { kNew, kOpen, kDone };
  struct Frame {
    std::size_t file;
    std::size_t next;  // which of its imports to look at next
  };

  void Open(std::size_t file) {
    state_[file] = State::kOpen;
    stack_.push_back({file, 0});
  }

  void Advance() {
    Frame& top = stack_.back();
    if (top.next == imports_[top.file].size()) return Close();
    const std::size_t import = imports_[top.file][top.next++];
    if (state_[import] == State::kNew) {
      Open(import);
    } else if (state_[import] == State::kOpen) {
      AddCycle(import);
    }
  }

  void Close() {
    const std::size_t file = stack_.back().file;
    stack_.pop_back();
    state_[file] = State::kDone;
    for (std::size_t import : imports_[file]) {
      order_.depth[file] = std::max(order_.depth[file], order_.depth[import] + 1);
    }
    order_.files.push_back(file);
  }

  void AddCycle(std::size_t first) {
    constexpr std::size_t kMost = 20;
    if (order_.cycles.size() == kMost) return;
    const auto begin = std::ranges::find(stack_, first, &Frame::file);
    std::vector<std::size_t>& cycle = order_.cycles.emplace_back();
    for (auto frame = begin; frame != stack_.end(); ++frame) cycle.push_back(frame->file);
  }

  const ImportGraph& imports_;
  std::vector<State> state_;
  std::vector<Frame> stack_;
  ImportOrder order_;
};

}  // namespace

ImportOrder OrderByImports(const ImportGraph& imports) { return DepthFirst(imports).Run(); }

}  // namespace puente
