#include "tests/support/gzip_text.h"

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace puente::test {
namespace {

constexpr int kGzip = 15 + 16;

Bytef* Input(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string Gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("cannot begin to pack");
  }
  std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = Input(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("cannot pack");
  return packed;
}

struct Gunzip::State {
  z_stream stream{};
  bool complete = false;
};

Gunzip::Gunzip() : state_(std::make_unique<State>()) {
  if (inflateInit2(&state_->stream, kGzip) != Z_OK) {
    throw std::runtime_error("cannot begin to unpack");
  }
}

Gunzip::~Gunzip() { inflateEnd(&state_->stream); }

std::string Gunzip::Feed(std::string_view packed) {
  z_stream& stream = state_->stream;
  std::string text;
  stream.next_in = Input(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  while (stream.avail_in > 0) {
    if (state_->complete) throw std::runtime_error("there is more behind the end of the gzip data");
    std::array<char, 4096> piece;
    int status = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      status = inflate(&stream, Z_SYNC_FLUSH);
      text.append(piece.data(), piece.size() - stream.avail_out);
    } while (status == Z_OK && stream.avail_out == 0);
    state_->complete = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      throw std::runtime_error("it is not gzip");
    }
  }
  return text;
}

bool Gunzip::complete() const { return state_->complete; }

std::string GunzipAll(std::string_view packed) {
  Gunzip gunzip;
  std::string text = gunzip.Feed(packed);
  if (!gunzip.complete()) throw std::runtime_error("the gzip data is cut");
  return text;
}

}  // namespace puente::test
