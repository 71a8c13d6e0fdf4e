// The path templates of google.api.http.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace puente {

// A parsed template. A plain value; the grammar is that of google/api/http.proto:
//
//     Template  = "/" Segments [ Verb ] ;
//     Segments  = Segment { "/" Segment } ;
//     Segment   = "*" | "**" | LITERAL | Variable ;
//     Variable  = "{" FieldPath [ "=" Segments ] "}" ;
//     FieldPath = IDENT { "." IDENT } ;
//     Verb      = ":" LITERAL ;
//
// "{x}" is "{x=*}"; "/" alone is the root. Refused: what the grammar does not say, nested
// variables, a variable named twice, and more than one "**" or anything but literals after one (so
// that matching stays unambiguous).
struct PathTemplate {
  enum class SegmentKind { kLiteral, kSingle, kMulti };  // text, "*", "**"
  struct Segment {
    SegmentKind kind;
    std::string literal;  // decoded; only for kLiteral
    bool operator==(const Segment&) const = default;
  };
  struct Variable {
    std::string field_path;  // "book.name", as written
    std::size_t first;       // its first segment
    std::size_t count;       // how many segments
    bool multi_segment;  // captures more than one segment, or "**": %2F is kept when it is decoded
  };

  std::string text;                 // as it was written
  std::vector<Segment> segments;    // variables flattened to their segments
  std::vector<Variable> variables;  // in the order they are written
  std::string verb;                 // without the colon; empty when there is none

  // Parses `text`. The error says what is wrong and at which column (from 1): "column 10: expected
  // '}'".
  static tl::expected<PathTemplate, std::string> Parse(std::string_view text);
};

}  // namespace puente
