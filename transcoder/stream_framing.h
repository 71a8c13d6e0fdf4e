// How the messages of a server stream become one HTTP body (design section 4, rule 4).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace puente {

enum class StreamFormat {
  kJsonArray,         // [m1,m2]; `[]` for a stream without messages
  kNdjson,            // a line for each message
  kServerSentEvents,  // an event for each message (HTML Living Standard, section 9.2)
};

// What a client gets a stream as.
struct StreamChoice {
  StreamFormat format = StreamFormat::kJsonArray;
  std::string_view content_type = "application/json";  // static text

  bool operator==(const StreamChoice&) const = default;
};

// Frames the messages of one server stream. One object per response; one thread at a time. JSON
// given to it must have no line breaks, as the codecs and error_body.h print none: lines and events
// end with them. Whatever is appended is complete: it may go out at once, and a heartbeat may go
// out behind it.
class StreamFraming {
 public:
  virtual ~StreamFraming() = default;

  virtual std::string_view content_type() const = 0;

  // Appends to `out` what goes out for the next message: its JSON, and whatever stands between it
  // and the one before.
  virtual void AppendMessage(std::string_view json, std::string& out) = 0;

  // Appends what ends a stream that went well.
  virtual void AppendEnd(std::string& out) = 0;

  // Appends what tells the client, inside of the body, that the stream failed; the body then ends
  // as a complete one, without AppendEnd. `error_json` is the inner object alone, without an
  // {"error": …} around it. False: this format has no place for errors, `out` is as it was, and the
  // body must be cut so that no client takes it for complete.
  virtual bool AppendError(std::string_view error_json, std::string& out) = 0;

  // What may go out at any time between messages so that a quiet stream is not taken for a dead
  // one; "" where the format has nothing that clients would overlook.
  virtual std::string_view heartbeat() const = 0;
};

std::unique_ptr<StreamFraming> MakeStreamFraming(const StreamChoice& choice);

}  // namespace puente
