// Writes the protobuf wire format, nested messages included, in one forward pass.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace puente {

// One thread at a time. Field numbers are not checked. Linear in what is written, however deep it
// is nested.
class WireWriter {
 public:
  void Varint(int field, std::uint64_t value);
  void Fixed32(int field, std::uint32_t value);
  void Fixed64(int field, std::uint64_t value);
  void Bytes(int field, std::string_view value);

  // The same without a tag: elements of a packed field.
  void BareVarint(std::uint64_t value);
  void BareFixed32(std::uint32_t value);
  void BareFixed64(std::uint64_t value);

  // What is written between Open and its Close is the content of one length-delimited field.
  void Open(int field);
  void Close();
  // How many are open.
  std::size_t depth() const { return open_.size(); }

  // Takes back everything since `mark`. Not across an Open whose Close is still to come.
  struct Mark {
    std::size_t bytes, prefixes, prefix_bytes;
  };
  Mark mark() const { return {bytes_.size(), prefixes_.size(), prefix_bytes_}; }
  void Rewind(const Mark& mark);

  // How many bytes Finish would return now.
  std::size_t size() const { return bytes_.size() + prefix_bytes_; }

  // All that was written. Every Open must have been closed. Ends the writer's use.
  std::string Finish() &&;

 private:
  struct Prefix {
    std::size_t offset;  // into bytes_
    std::uint64_t length;
  };
  std::string bytes_;             // without the length prefixes of nested messages
  std::vector<Prefix> prefixes_;  // by offset
  std::size_t prefix_bytes_ = 0;  // what the closed ones take
  struct OpenPrefix {
    std::size_t index;         // into prefixes_
    std::size_t prefix_bytes;  // before it was opened
  };
  std::vector<OpenPrefix> open_;
};

}  // namespace puente
