#include "examples/services/legacy_json_writer.h"

#include <fmt/format.h>

#include <iterator>

namespace puente::examples {
namespace {

constexpr std::size_t kIndent = 2;
constexpr unsigned char kFirstPlain = 0x20;  // what is below are control characters

}  // namespace

LegacyJsonWriter& LegacyJsonWriter::Key(std::string_view name) {
  BeginValue();
  Quote(name);
  json_ += layout_ == LegacyJsonLayout::kPretty ? ": " : ":";
  after_key_ = true;
  return *this;
}

void LegacyJsonWriter::Text(std::string_view text) {
  BeginValue();
  Quote(text);
}

void LegacyJsonWriter::TextOrNull(std::string_view text) {
  if (text.empty()) return Null();
  Text(text);
}

void LegacyJsonWriter::Number(std::int64_t number) {
  BeginValue();
  fmt::format_to(std::back_inserter(json_), "{}", number);
}

void LegacyJsonWriter::Number(double number) {
  BeginValue();
  fmt::format_to(std::back_inserter(json_), "{}", number);
}

void LegacyJsonWriter::Bool(bool value) {
  BeginValue();
  json_ += value ? "true" : "false";
}

void LegacyJsonWriter::Null() {
  BeginValue();
  json_ += "null";
}

void LegacyJsonWriter::Begin(char bracket) {
  BeginValue();
  json_ += bracket;
  ++depth_;
  is_first_ = true;
}

void LegacyJsonWriter::End(char bracket) {
  --depth_;
  if (!is_first_) BreakLine();
  json_ += bracket;
  is_first_ = false;
}

void LegacyJsonWriter::BeginValue() {
  if (!after_key_ && !is_first_) json_ += ',';
  if (!after_key_ && depth_ > 0) BreakLine();
  is_first_ = false;
  after_key_ = false;
}

void LegacyJsonWriter::BreakLine() {
  if (layout_ == LegacyJsonLayout::kLine) return;
  json_ += '\n';
  json_.append(depth_ * kIndent, ' ');
}

void LegacyJsonWriter::Quote(std::string_view text) {
  json_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json_ += '\\';
      json_ += c;
    } else if (static_cast<unsigned char>(c) < kFirstPlain) {
      fmt::format_to(std::back_inserter(json_), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      json_ += c;
    }
  }
  json_ += '"';
}

}  // namespace puente::examples
