#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace puente::bench {

// Finds where an HTTP/1.1 answer ends, as its bytes come. Content-Length and chunked bodies; the
// body is counted, not kept.
class AnswerReader {
 public:
  enum class Progress { kMore, kDone, kBroken };

  // The next bytes. There must be none after the answer's last: requests are not pipelined.
  Progress Read(std::string_view bytes);

  int status() const { return status_; }

  // For the next answer.
  void Reset() { *this = AnswerReader(); }

 private:
  enum class Part { kHead, kBody, kChunkSize, kChunk, kTrailer, kEnd, kBroken };

  Part ReadPart(std::string_view& bytes);
  Part ReadHead(std::string_view& bytes);
  Part ReadBody(std::string_view& bytes);
  Part ReadChunkSize(std::string_view& bytes);
  Part ReadChunk(std::string_view& bytes);
  Part ReadTrailer(std::string_view& bytes);
  bool TakeLine(std::string_view& bytes);
  Part UnderstandHead();
  std::string_view HeaderValue(std::string_view name) const;

  Part part_ = Part::kHead;
  std::string text_;  // the head, or the line, as far as it has come
  std::size_t remaining_ = 0;
  int status_ = 0;
};

}  // namespace puente::bench
