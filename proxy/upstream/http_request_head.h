// What is sent to an HTTP upstream, as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "transcoder/error.h"
#include "transcoder/http_message.h"

namespace puente {

// A request but for its body. Views into what outlives its sending.
struct HttpRequestHead {
  enum class Framing { kNone, kLength, kChunked };

  std::string_view method;
  std::string_view base_path;  // goes before the target
  std::string_view target;
  std::span<const HeaderView> headers;  // written as they are; no Content-Length, Transfer-Encoding
  Framing framing = Framing::kNone;     // of the body; kNone: it has none, and no header says so
  std::uint64_t content_length = 0;     // with kLength
  bool upgrade = false;                 // the headers ask for another protocol

  // Whether `bytes` of a body are not more than it has.
  bool MayCarry(std::size_t bytes) const {
    return framing == Framing::kChunked ||
           bytes <= (framing == Framing::kLength ? content_length : 0);
  }
};

// Puts the text of `head` in place of `output`. Error: 500 for one that would have other lines than
// it should, since something in it holds CR or LF.
Result<void> PrintRequestHead(const HttpRequestHead& head, std::string& output);

}  // namespace puente
