#include "transcoder/message_splitter.h"

#include <fmt/format.h>

#include <algorithm>

namespace puente {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";
constexpr int kContentTooLarge = 413;

}  // namespace

MessageSplitter::MessageSplitter(BodyFormat format, std::size_t max_message_bytes)
    : format_(format),
      max_message_bytes_(max_message_bytes),
      place_(format == BodyFormat::kLines ? Place::kGap : Place::kBodyStart) {}

void MessageSplitter::Push(std::string_view bytes) {
  const std::size_t done = place_ == Place::kMessage ? start_ : pos_;
  buffer_.erase(0, done);
  pos_ -= done;
  start_ = 0;
  buffer_.append(bytes);
}

Result<std::optional<std::string_view>> MessageSplitter::Next() {
  while (place_ != Place::kMessage) {
    SkipWhiteSpace();
    if (pos_ == buffer_.size()) return BodyEnd();
    const Result<void> step = Step(buffer_[pos_]);
    if (!step) return tl::unexpected(step.error());
  }
  return FinishMessage();
}

void MessageSplitter::SkipWhiteSpace() {
  const std::size_t begin = pos_;
  pos_ = std::min(buffer_.find_first_not_of(kWhiteSpace, pos_), buffer_.size());
  if (place_ != Place::kValueEnd) return;
  const bool line_ended =
      std::string_view(buffer_).substr(begin, pos_ - begin).find('\n') != std::string_view::npos;
  if (line_ended) place_ = Place::kGap;
}

Result<void> MessageSplitter::Step(char c) {
  if (format_ == BodyFormat::kLines) {
    BeginMessage(c);
    return {};
  }
  if (place_ == Place::kArrayEnd) return FailNext("it stands behind the ']' that ends the array");
  if (place_ == Place::kElementEnd) return StepBehindElement(c);
  if (place_ == Place::kBodyStart && c == '[') {
    in_array_ = true;
    return MoveTo(Place::kArrayStart);
  }
  if (place_ == Place::kArrayStart && c == ']') return MoveTo(Place::kArrayEnd);
  if (c == ',') return FailNext("there is a ',' where it should begin");
  if (c == ']' && in_array_) return FailNext("there is a ']' behind the ',' that announces it");
  if (c == ']' || c == '}') return FailNext("there is a closing bracket that closes nothing");
  if (place_ == Place::kValueEnd) return FailNext("there is no line break in front of it");
  BeginMessage(c);
  return {};
}

Result<void> MessageSplitter::StepBehindElement(char c) {
  if (c == '}') return FailNext("there is a closing bracket that closes nothing");
  if (c != ',' && c != ']') return FailNext("there is no ',' in front of it");
  return MoveTo(c == ',' ? Place::kComma : Place::kArrayEnd);
}

Result<void> MessageSplitter::MoveTo(Place place) {
  place_ = place;
  ++pos_;
  return {};
}

void MessageSplitter::BeginMessage(char c) {
  extent_.Begin(c);
  start_ = pos_;
  place_ = Place::kMessage;
}

Result<std::optional<std::string_view>> MessageSplitter::FinishMessage() {
  const bool found = FindMessageEnd();
  const std::string_view message = Message();
  if (message.size() > max_message_bytes_) {
    return Fail(Code::kResourceExhausted,
                fmt::format("message {} is larger than the limit of {} bytes", count_ + 1,
                            max_message_bytes_),
                kContentTooLarge);
  }
  if (!found && !ended_) return std::nullopt;
  const bool may_end_with_body = format_ == BodyFormat::kLines || (extent_.bare() && !in_array_);
  if (!found && !may_end_with_body) return FailNext("the body ends in the middle of it");
  ++count_;
  const Place behind_value = format_ == BodyFormat::kLines ? Place::kGap : Place::kValueEnd;
  place_ = in_array_ ? Place::kElementEnd : behind_value;
  return message;
}

bool MessageSplitter::FindMessageEnd() {
  if (format_ == BodyFormat::kJson) return extent_.FindEnd(buffer_, pos_);
  pos_ = std::min(buffer_.find('\n', pos_), buffer_.size());
  return pos_ < buffer_.size();
}

std::string_view MessageSplitter::Message() const {
  std::string_view message(buffer_.data() + start_, pos_ - start_);
  if (format_ == BodyFormat::kLines && message.ends_with('\r')) message.remove_suffix(1);
  return message;
}

Result<std::optional<std::string_view>> MessageSplitter::BodyEnd() const {
  const bool open = in_array_ && place_ != Place::kArrayEnd;
  if (ended_ && open) return FailNext("the body ends before it, without the ']' of the array");
  return std::nullopt;
}

tl::unexpected<Error> MessageSplitter::FailNext(std::string_view problem) const {
  return Fail(Code::kInvalidArgument, fmt::format("message {}: {}", count_ + 1, problem));
}

}  // namespace puente
