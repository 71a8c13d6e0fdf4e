#include "bench/load/answer_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace puente::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kStatusAt = std::string_view("HTTP/1.1 ").size();

template <typename Number>
bool ParseNumber(std::string_view text, int base, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number, base).ec == std::errc();
}

bool EqualNames(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

AnswerReader::Progress AnswerReader::Read(std::string_view bytes) {
  while (!bytes.empty() && part_ != Part::kEnd && part_ != Part::kBroken) part_ = ReadPart(bytes);
  if (part_ == Part::kBroken || !bytes.empty()) return Progress::kBroken;
  return part_ == Part::kEnd ? Progress::kDone : Progress::kMore;
}

AnswerReader::Part AnswerReader::ReadPart(std::string_view& bytes) {
  switch (part_) {
    case Part::kHead:
      return ReadHead(bytes);
    case Part::kBody:
      return ReadBody(bytes);
    case Part::kChunkSize:
      return ReadChunkSize(bytes);
    case Part::kChunk:
      return ReadChunk(bytes);
    case Part::kTrailer:
      return ReadTrailer(bytes);
    default:
      return part_;
  }
}

AnswerReader::Part AnswerReader::ReadHead(std::string_view& bytes) {
  const std::size_t before = text_.size();
  const std::size_t from = before < kHeadEnd.size() ? 0 : before - kHeadEnd.size() + 1;
  text_ += bytes;
  const auto end = text_.find(kHeadEnd, from);
  if (end == text_.npos) {
    bytes = {};
    return Part::kHead;
  }
  bytes.remove_prefix(end + kHeadEnd.size() - before);
  text_.resize(end + kLineEnd.size());
  const Part next = UnderstandHead();
  text_.clear();
  return next;
}

AnswerReader::Part AnswerReader::UnderstandHead() {
  if (text_.size() < kStatusAt ||
      !ParseNumber(std::string_view(text_).substr(kStatusAt), 10, status_)) {
    return Part::kBroken;
  }
  if (HeaderValue("transfer-encoding") == "chunked") return Part::kChunkSize;
  if (!ParseNumber(HeaderValue("content-length"), 10, remaining_)) return Part::kBroken;
  return remaining_ == 0 ? Part::kEnd : Part::kBody;
}

std::string_view AnswerReader::HeaderValue(std::string_view name) const {
  std::string_view rest = text_;
  for (auto end = rest.find(kLineEnd); end != rest.npos; end = rest.find(kLineEnd)) {
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + kLineEnd.size());
    const auto colon = line.find(':');
    if (colon == line.npos || !EqualNames(line.substr(0, colon), name)) continue;
    const auto value = line.find_first_not_of(" \t", colon + 1);
    return value == line.npos ? std::string_view() : line.substr(value);
  }
  return {};
}

AnswerReader::Part AnswerReader::ReadBody(std::string_view& bytes) {
  const std::size_t taken = std::min(remaining_, bytes.size());
  bytes.remove_prefix(taken);
  remaining_ -= taken;
  return remaining_ == 0 ? Part::kEnd : Part::kBody;
}

// A whole line stands in text_ then, without its end.
bool AnswerReader::TakeLine(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  text_ += bytes.substr(0, end);
  bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  if (end == bytes.npos) return false;
  if (!text_.empty() && text_.back() == '\r') text_.pop_back();
  return true;
}

AnswerReader::Part AnswerReader::ReadChunkSize(std::string_view& bytes) {
  if (!TakeLine(bytes)) return Part::kChunkSize;
  const bool valid = ParseNumber(text_, 16, remaining_);
  text_.clear();
  if (!valid) return Part::kBroken;
  if (remaining_ == 0) return Part::kTrailer;
  remaining_ += kLineEnd.size();
  return Part::kChunk;
}

AnswerReader::Part AnswerReader::ReadChunk(std::string_view& bytes) {
  return ReadBody(bytes) == Part::kEnd ? Part::kChunkSize : Part::kChunk;
}

AnswerReader::Part AnswerReader::ReadTrailer(std::string_view& bytes) {
  if (!TakeLine(bytes)) return Part::kTrailer;
  const bool last = text_.empty();
  text_.clear();
  return last ? Part::kEnd : Part::kTrailer;
}

}  // namespace puente::bench
