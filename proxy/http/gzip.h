// gzip (RFC 1952) as the content coding of bodies, over zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "transcoder/error.h"

struct z_stream_s;

namespace puente {

// Unpacks one request's body while it arrives. It never appends more than it is asked for, so that
// the caller bounds the memory: about 40 KB of its own come on top. One thread at a time. A body of
// no bytes at all is taken for an empty one; several members, one behind the other, for one text.
class GzipDecoder {
 public:
  // Above this, what comes out may be at most max_ratio times what went in; below, any ratio goes.
  static constexpr std::uint64_t kFreeOutput = 65536;

  explicit GzipDecoder(std::uint64_t max_ratio);  // at least 1

  // Takes bytes from the front of `input` and appends at most `limit` (at least 1) unpacked ones to
  // `out`. True: it stopped because of `limit`, and is to be called again with what is left of
  // `input`, be it nothing. False: all of `input` is unpacked. Errors: INVALID_ARGUMENT for what is
  // not gzip or has something else behind it, RESOURCE_EXHAUSTED (413) for what expands too much;
  // after one, it must not be used any more. What was appended before the error stays.
  Result<bool> Decode(std::string_view& input, std::string& out, std::size_t limit);

  // The body has ended, all of it was given to Decode, and that returned false. INVALID_ARGUMENT
  // when it is cut.
  Result<void> Finish() const;

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
  };

  // Unpacks once, appending at most `room` bytes. False: it cannot go on without more input.
  Result<bool> Inflate(std::string_view& input, std::string& out, std::size_t room);
  void EndMember();
  Result<void> CheckRatio() const;
  tl::unexpected<Error> NotGzip() const;

  std::unique_ptr<z_stream_s, Deleter> stream_;
  const std::uint64_t max_ratio_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool in_member_ = false;     // behind the first byte of a member, and not behind its last
  bool member_ended_ = false;  // at least one is complete
};

// Packs the bodies of answers, one after the other: after kFinish the next call begins the next
// body, in the same memory. One thread at a time.
class GzipEncoder {
 public:
  enum class Flush {
    kSync,    // what was given so far can be unpacked at once; for each message of a stream
    kFinish,  // the body ends here
  };

  enum class Memory {
    kLarge,  // about 270 KB: for whole bodies
    kSmall,  // about 30 KB: for each of many streams; what was said 4 KB ago is not remembered
  };

  explicit GzipEncoder(Memory memory = Memory::kLarge);

  // Packs `text`, which may be empty, behind what was given before, and appends to `out`.
  void Encode(std::string_view text, std::string& out, Flush flush);

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
  };

  void Deflate(std::string_view text, std::string& out, int flush);

  std::unique_ptr<z_stream_s, Deleter> stream_;
};

}  // namespace puente
