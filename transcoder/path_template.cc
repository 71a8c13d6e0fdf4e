#include "transcoder/path_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "transcoder/uri.h"

namespace puente {
namespace {

using Kind = PathTemplate::SegmentKind;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool BeginsIdentifier(char c) { return IsLetter(c) || c == '_'; }

// pchar of RFC 3986 without '*' and '%', which mean something else here.
bool IsLiteral(char c) {
  return IsLetter(c) || IsDigit(c) ||
         std::string_view("-._~!$&'()+,;=:@").find(c) != std::string_view::npos;
}

// Where the verb's colon is: the first one of the last segment, outside of any variable.
std::size_t FindVerb(std::string_view text) {
  std::size_t colon = text.npos;
  bool in_variable = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '{') in_variable = true;
    if (text[at] == '}') in_variable = false;
    if (in_variable) continue;
    if (text[at] == '/') colon = text.npos;
    if (text[at] == ':') colon = std::min(colon, at);
  }
  return colon;
}

class Parser {
 public:
  explicit Parser(std::string_view text)
      : text_(text), end_(std::min(FindVerb(text), text.size())) {
    result_.text = text;
  }

  tl::expected<PathTemplate, std::string> Parse() && {
    if (!ParseTemplate()) return tl::unexpected(std::move(error_));
    return std::move(result_);
  }

 private:
  bool Fail(std::string_view what) {
    error_ = fmt::format("column {}: {}", at_ + 1, what);
    return false;
  }
  bool AtEnd() const { return at_ == end_; }
  char Next() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Skip(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool ParseTemplate() {
    if (!Skip('/')) return Fail("expected '/'");
    if (text_.size() == 1) return true;
    do {
      if (!(Next() == '{' ? ParseVariable() : ParseSegment())) return false;
    } while (Skip('/'));
    if (!AtEnd()) return Fail("expected '/', ':' or the end");
    return end_ == text_.size() || ParseVerb();
  }

  bool ParseSegment() {
    if (Next() == '*') return ParseWildcard();
    const std::size_t begin = at_;
    std::string literal;
    if (!ParseLiteral(literal)) return false;
    if (literal == "." || literal == "..") {
      at_ = begin;
      return Fail("no request has a segment '.' or '..'");
    }
    result_.segments.push_back({Kind::kLiteral, std::move(literal)});
    return true;
  }

  bool ParseWildcard() {
    if (has_multi_) return Fail("only literals may follow '**'");
    Skip('*');
    has_multi_ = Skip('*');
    if (!AtEnd() && Next() != '/' && Next() != '}') {
      return Fail("expected '/': '*' and '**' are whole segments (a literal '*' is %2A)");
    }
    result_.segments.push_back({has_multi_ ? Kind::kMulti : Kind::kSingle, ""});
    return true;
  }

  bool ParseLiteral(std::string& literal) {
    const std::size_t begin = at_;
    while (!AtEnd() && (IsLiteral(Next()) || Next() == '%')) {
      if (in_variable_ && Next() == ':') {
        return Fail("a ':' in a variable; a verb follows the '}' (a literal ':' is %3A)");
      }
      if (Next() == '%' && !SkipEscape()) return false;
      ++at_;
    }
    if (!AtEnd() && Next() != '/' && !(in_variable_ && Next() == '}')) return FailAtCharacter();
    if (at_ == begin) return Fail("expected a segment");
    literal = PercentDecode(text_.substr(begin, at_ - begin));
    return true;
  }

  bool FailAtCharacter() {
    switch (Next()) {
      case '*':
        return Fail("'*' and '**' are whole segments (a literal '*' is %2A)");
      case '{':
        return Fail(in_variable_ ? "a variable in a variable" : "a variable is a whole segment");
      case '}':
        return Fail("a '}' without its '{'");
      default:
        return Fail("a character that a path cannot hold; write it as a percent escape");
    }
  }

  // Leaves at_ on the last digit.
  bool SkipEscape() {
    const std::string_view escape = text_.substr(at_, std::min<std::size_t>(3, end_ - at_));
    const std::string decoded = PercentDecode(escape);
    if (decoded.size() != 1 || escape.size() != 3) return Fail("a malformed percent escape");
    if (decoded[0] == '\0') return Fail("an encoded NUL, which no request may hold");
    at_ += 2;
    return true;
  }

  bool ParseVariable() {
    if (has_multi_) return Fail("only literals may follow '**'");
    Skip('{');
    PathTemplate::Variable variable{"", result_.segments.size(), 0, false};
    if (!ParseFieldPath(variable.field_path)) return false;
    if (!ParseVariableSegments()) return false;
    if (!Skip('}')) return Fail("expected '}'");
    variable.count = result_.segments.size() - variable.first;
    variable.multi_segment = variable.count > 1 || has_multi_;
    result_.variables.push_back(std::move(variable));
    return true;
  }

  bool ParseVariableSegments() {
    if (Next() == '}') {
      result_.segments.push_back({Kind::kSingle, ""});
      return true;
    }
    if (!Skip('=')) return Fail("expected '=' or '}'");
    in_variable_ = true;
    do {
      if (!ParseSegment()) return false;
    } while (Skip('/'));
    in_variable_ = false;
    return true;
  }

  bool ParseFieldPath(std::string& field_path) {
    const std::size_t begin = at_;
    do {
      if (!BeginsIdentifier(Next())) return Fail("expected a field name");
      while (BeginsIdentifier(Next()) || IsDigit(Next())) ++at_;
    } while (Skip('.'));
    field_path = text_.substr(begin, at_ - begin);
    if (names_.insert(field_path).second) return true;
    at_ = begin;
    return Fail(fmt::format("the variable '{}' a second time", field_path));
  }

  bool ParseVerb() {
    end_ = text_.size();
    Skip(':');
    if (AtEnd()) return Fail("expected a verb");
    return ParseLiteral(result_.verb);
  }

  std::string_view text_;
  std::size_t end_;  // of what is parsed: first the segments, then the verb
  std::size_t at_ = 0;
  bool has_multi_ = false;
  bool in_variable_ = false;
  std::set<std::string, std::less<>> names_;
  PathTemplate result_;
  std::string error_;
};

}  // namespace

tl::expected<PathTemplate, std::string> PathTemplate::Parse(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace puente
