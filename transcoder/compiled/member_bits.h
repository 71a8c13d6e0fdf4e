// Which members a message has had so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace puente {

// A bit per field and oneof of one message (FieldTable::rank). The first 64 are in the object, so
// that most messages need nothing else; those of larger ones lie on `stack`, which all that are
// alive at the same time share: the last one that was made goes first.
class MemberBits {
 public:
  // `stack` must outlive this.
  MemberBits(std::vector<std::uint64_t>& stack, std::size_t bits)
      : stack_(stack), base_(stack.size()) {
    if (bits > kInObject) stack.resize(base_ + (bits - 1) / kInObject);
  }
  ~MemberBits() { stack_.resize(base_); }
  MemberBits(const MemberBits&) = delete;
  MemberBits& operator=(const MemberBits&) = delete;

  // False when it was there before.
  bool Add(std::size_t bit) {
    std::uint64_t& word = WordOf(bit);
    const std::uint64_t mask = std::uint64_t{1} << bit % kInObject;
    const bool is_new = (word & mask) == 0;
    word |= mask;
    return is_new;
  }
  bool Has(std::size_t bit) { return (WordOf(bit) >> bit % kInObject & 1) != 0; }

 private:
  static constexpr std::size_t kInObject = 64;

  std::uint64_t& WordOf(std::size_t bit) {
    return bit < kInObject ? first_ : stack_[base_ + bit / kInObject - 1];
  }

  std::vector<std::uint64_t>& stack_;
  const std::size_t base_;  // of its words on the stack
  std::uint64_t first_ = 0;
};

}  // namespace puente
