#include "transcoder/text_buffer.h"

#include <algorithm>

namespace puente {

TextBuffer::TextBuffer(std::string& out, std::size_t bytes)
    : out_(out), kept_(out.size()), end_(begin()) {
  Grow(bytes);
}

void TextBuffer::Keep(std::size_t first, std::size_t last) {
  std::memmove(begin(), begin() + first, last - first);
  Rewind(last - first);
}

void TextBuffer::Grow(std::size_t bytes) {
  const std::size_t used = size();
  out_.resize(kept_ + std::max(used + bytes, 2 * used) + kSlack);
  end_ = begin() + used;
  limit_ = out_.data() + out_.size() - kSlack;
}

}  // namespace puente
