// How the messages of a stream become one HTTP body.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace puente {

// Frames the messages of one server stream. One object per response; one thread at a time.
class StreamFraming {
 public:
  virtual ~StreamFraming() = default;
  virtual std::string_view content_type() const = 0;
  // Appends to `out` what goes out for the next message: its JSON, and whatever stands between it
  // and the one before.
  virtual void AppendMessage(std::string_view json, std::string& out) = 0;
  // Appends what ends a stream that went well. A stream that failed after its first message is cut
  // instead.
  virtual void AppendEnd(std::string& out) = 0;
};

// A JSON array; `[]` for a stream without messages.
std::unique_ptr<StreamFraming> MakeJsonArrayFraming();

}  // namespace puente
