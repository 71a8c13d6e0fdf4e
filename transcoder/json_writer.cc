#include "transcoder/json_writer.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "transcoder/json_text.h"
#include "transcoder/utf8.h"

namespace puente {

void JsonWriter::BreakLine() { out_.append("\n").append(2 * open_.size(), ' '); }

void JsonWriter::BeginValue() {
  if (std::exchange(after_key_, false) || open_.empty()) return;
  if (!std::exchange(empty_, false)) out_ += ',';
  BreakLine();
}

void JsonWriter::Open(char bracket) {
  BeginValue();
  out_ += bracket;
  open_.push_back(bracket == '{' ? '}' : ']');
  empty_ = true;
}

void JsonWriter::Close() {
  const char bracket = open_.back();
  open_.pop_back();
  if (!std::exchange(empty_, false)) BreakLine();
  out_ += bracket;
}

void JsonWriter::Key(std::string_view name) {
  String(name);
  out_ += ": ";
  after_key_ = true;
}

void JsonWriter::String(std::string_view text) {
  BeginValue();
  AppendJsonString(ReplaceInvalidUtf8(text), out_);
}

void JsonWriter::Number(std::int64_t number) {
  BeginValue();
  fmt::format_to(std::back_inserter(out_), "{}", number);
}

void JsonWriter::Bool(bool value) { Raw(value ? "true" : "false"); }

void JsonWriter::Raw(std::string_view json) {
  BeginValue();
  out_ += json;
}

void JsonWriter::Member(std::string_view name, std::string_view text) {
  Key(name);
  String(text);
}

void JsonWriter::OptionalMember(std::string_view name, std::string_view text) {
  if (!text.empty()) Member(name, text);
}

std::string JsonWriter::Finish() && { return std::move(out_ += '\n'); }

}  // namespace puente
