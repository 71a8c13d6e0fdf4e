// Takes the body of a client stream apart (design section 4, rule 5).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "transcoder/error.h"
#include "transcoder/json_extent.h"

namespace puente {

enum class BodyFormat {
  // A JSON array, whose elements are the messages. A body that begins with anything but `[` holds
  // JSON values one behind the other instead, with a line break at least between two of them.
  kJson,
  // A message on each line. White space in front of it and empty lines are skipped; a line may end
  // with CR LF, the last one with the body. A line that begins with `[` is a message like others.
  kLines,
};

// The JSON text of each message, as soon as its last byte is there. Messages are told apart by
// strings and by the depth of brackets alone: that each of them is JSON is for its reader to check.
// However the bytes are cut into pushes, the same comes out, in time linear in the body. Holds at
// most max_message_bytes and what was pushed last. One thread at a time.
//
//     splitter.Push(bytes);           // or End() when the body has ended
//     while (true) {
//       const auto message = splitter.Next();
//       if (!message) …               // refuse the body
//       if (!*message) break;         // on to the next bytes; after End(): that was the last one
//       … **message …
//     }
class MessageSplitter {
 public:
  MessageSplitter(BodyFormat format, std::size_t max_message_bytes);
  MessageSplitter(const MessageSplitter&) = delete;
  MessageSplitter& operator=(const MessageSplitter&) = delete;

  // More of the body. Only when Next has found nothing more in what there was.
  void Push(std::string_view bytes);

  // The body is complete.
  void End() { ended_ = true; }

  // The next message, which is valid until the next call of Push; nullopt: none is complete yet,
  // or, after End, there are no more. Errors name the number of the message, counted from 1, and
  // never repeat the body; after one, every call returns the same. INVALID_ARGUMENT: an array that
  // is not closed or goes on behind its end, a comma missing or one too many, a closing bracket
  // that closes nothing, no line break between two values. RESOURCE_EXHAUSTED (413): a message of
  // more than max_message_bytes.
  Result<std::optional<std::string_view>> Next();

 private:
  // Where in the body pos_ is.
  enum class Place {
    kBodyStart,   // nothing but white space so far
    kArrayStart,  // behind the `[` of the body
    kComma,       // behind a comma between elements
    kElementEnd,  // behind an element
    kArrayEnd,    // behind the `]` of the body
    kValueEnd,    // behind a value, on the same line
    kGap,         // where a value or a line may begin
    kMessage,     // within a message
  };

  void SkipWhiteSpace();
  // Takes the byte at pos_, which is no white space.
  Result<void> Step(char c);
  Result<void> StepBehindElement(char c);
  // Behind the byte at pos_ is `place`.
  Result<void> MoveTo(Place place);
  void BeginMessage(char c);
  Result<std::optional<std::string_view>> FinishMessage();
  bool FindMessageEnd();
  std::string_view Message() const;
  Result<std::optional<std::string_view>> BodyEnd() const;
  // What is wrong with the message behind the last one.
  tl::unexpected<Error> FailNext(std::string_view problem) const;

  const BodyFormat format_;
  const std::size_t max_message_bytes_;
  std::string buffer_;
  std::size_t pos_ = 0;    // what is before it has been looked at
  std::size_t start_ = 0;  // of the message, in kMessage
  std::size_t count_ = 0;  // of the messages so far
  bool in_array_ = false;  // the messages are the elements of one
  bool ended_ = false;
  Place place_;
  JsonExtent extent_;  // of the message, unless it is a line
};

}  // namespace puente
