#include "transcoder/wire_writer.h"

#include <utility>

namespace puente {
namespace {

enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

void AppendVarint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::size_t VarintSize(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void AppendLittleEndian(std::uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> 8 * i));
}

void AppendTag(int field, WireType type, std::string& out) {
  AppendVarint(static_cast<std::uint64_t>(field) << 3 | type, out);
}

}  // namespace

void WireWriter::Varint(int field, std::uint64_t value) {
  AppendTag(field, kVarint, bytes_);
  BareVarint(value);
}

void WireWriter::Fixed32(int field, std::uint32_t value) {
  AppendTag(field, kFixed32, bytes_);
  BareFixed32(value);
}

void WireWriter::Fixed64(int field, std::uint64_t value) {
  AppendTag(field, kFixed64, bytes_);
  BareFixed64(value);
}

void WireWriter::Bytes(int field, std::string_view value) {
  AppendTag(field, kLengthDelimited, bytes_);
  AppendVarint(value.size(), bytes_);
  bytes_.append(value);
}

void WireWriter::BareVarint(std::uint64_t value) { AppendVarint(value, bytes_); }
void WireWriter::BareFixed32(std::uint32_t value) { AppendLittleEndian(value, 4, bytes_); }
void WireWriter::BareFixed64(std::uint64_t value) { AppendLittleEndian(value, 8, bytes_); }

void WireWriter::Open(int field) {
  AppendTag(field, kLengthDelimited, bytes_);
  open_.push_back({prefixes_.size(), prefix_bytes_});
  prefixes_.push_back({bytes_.size(), 0});
}

void WireWriter::Close() {
  const OpenPrefix open = open_.back();
  open_.pop_back();
  Prefix& prefix = prefixes_[open.index];
  const std::size_t nested_prefix_bytes = prefix_bytes_ - open.prefix_bytes;
  prefix.length = bytes_.size() - prefix.offset + nested_prefix_bytes;
  prefix_bytes_ += VarintSize(prefix.length);
}

void WireWriter::Rewind(const Mark& mark) {
  bytes_.resize(mark.bytes);
  prefixes_.resize(mark.prefixes);
  prefix_bytes_ = mark.prefix_bytes;
}

std::string WireWriter::Finish() && {
  if (prefixes_.empty()) return std::move(bytes_);
  std::string out;
  out.reserve(size());
  std::size_t copied = 0;
  for (const Prefix& prefix : prefixes_) {
    out.append(bytes_, copied, prefix.offset - copied);
    copied = prefix.offset;
    AppendVarint(prefix.length, out);
  }
  return out.append(bytes_, copied);
}

}  // namespace puente
