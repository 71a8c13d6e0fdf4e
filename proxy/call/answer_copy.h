// What a request was answered, kept for the comparison with its copy's answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace puente {

// Keeps nothing unless it is wanted; what is longer than the limit is not kept whole.
struct AnswerCopy {
  bool is_wanted = false;
  std::size_t max_bytes = 0;

  int status = 0;
  std::string content_type;
  std::string content_encoding;
  std::string body;
  bool is_whole = false;

  void Begin(int answer_status, std::string_view type, std::string_view encoding = {}) {
    if (!is_wanted) return;
    status = answer_status;
    content_type = type;
    content_encoding = encoding;
  }
  void Append(std::string_view bytes) {
    if (!is_wanted) return;
    if (bytes.size() > max_bytes - body.size()) {
      is_wanted = false;
    } else {
      body += bytes;
    }
  }
  void End() { is_whole = is_wanted; }

  void Keep(int answer_status, std::string_view type, std::string_view bytes) {
    Begin(answer_status, type);
    Append(bytes);
    End();
  }
};

}  // namespace puente
