// Random JSON for messages: mostly good, with something odd now and then.
#pragma once

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace puente::testing {

// The same seed gives the same texts. Of about every `oddness` choices one is odd; the more, the
// more of the texts are good.
class RandomJson {
 public:
  RandomJson(unsigned seed, int oddness) : random_(seed), oddness_(oddness) {}

  std::string Message(const google::protobuf::Descriptor& type, int depth) {
    const std::string& name = type.full_name();
    if (name.starts_with("google.protobuf.") && !name.ends_with("Entry")) {
      return WellKnown(type, depth);
    }
    return "{" + Space() + Members(type, depth) + "}";
  }

 private:
  using Descriptor = google::protobuf::Descriptor;
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool IsOdd() { return Below(oddness_) == 0; }
  std::string Pick(const std::vector<std::string>& texts) {
    return texts[static_cast<std::size_t>(Below(static_cast<int>(texts.size())))];
  }
  std::string Space() { return Below(6) == 0 ? Pick({" ", "\n", "\t \r\n", "\n          "}) : ""; }

  std::string Members(const Descriptor& type, int depth) {
    std::string members;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(IsOdd() ? Below(type.field_count()) : i);
      if (Below(5) != 0) continue;
      if (field.real_containing_oneof() != nullptr && Below(4) != 0) continue;
      members += Separator(members) + Quoted(Name(field)) + Space() + ":" + Space();
      members += IsOdd() ? Odd(depth) : Field(field, depth);
    }
    if (IsOdd()) members += Separator(members) + Quoted(Word()) + ":" + Odd(depth);
    return members + Space();
  }
  std::string Separator(const std::string& before) {
    return before.empty() ? "" : Space() + "," + Space();
  }
  std::string Name(const FieldDescriptor& field) {
    return Below(4) == 0 ? field.name() : field.json_name();
  }

  std::string Field(const FieldDescriptor& field, int depth) {
    if (Below(15) == 0) return "null";
    std::string items;
    const int count = Below(4);
    if (field.is_map()) {
      for (int i = 0; i < count; ++i) {
        items += Separator(items) + Key(*field.message_type()->map_key()) + ":" +
                 Value(*field.message_type()->map_value(), depth - 1);
      }
      return "{" + items + "}";
    }
    if (!field.is_repeated()) return Value(field, depth);
    for (int i = 0; i < count; ++i) items += Separator(items) + Value(field, depth);
    return "[" + items + Space() + "]";
  }

  std::string Key(const FieldDescriptor& key) {
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return Quoted(Word());
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return Pick({R"("true")", R"("false")"});
    return Quoted(IsOdd() ? Number() : fmt::to_string(Below(100)));
  }

  std::string Value(const FieldDescriptor& field, int depth) {
    if (IsOdd()) return Odd(depth);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return Pick({"true", "false"});
      case FieldDescriptor::CPPTYPE_STRING:
        return field.type() == FieldDescriptor::TYPE_BYTES
                   ? Pick({R"("")", R"("AA==")", R"("-_8")", R"("QUJDRA")", R"("+\/8=")"})
                   : Quoted(Word());
      case FieldDescriptor::CPPTYPE_ENUM:
        return Below(4) == 0 ? fmt::to_string(Below(4)) : Quoted(EnumName(field));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return depth > 0 ? Message(*field.message_type(), depth - 1) : "{}";
      default:
        return Below(3) == 0 ? Quoted(Number()) : Number();
    }
  }
  std::string EnumName(const FieldDescriptor& field) {
    const auto& type = *field.enum_type();
    return IsOdd() ? Word() : type.value(Below(type.value_count()))->name();
  }

  std::string WellKnown(const Descriptor& type, int depth) {
    const std::string name = type.full_name().substr(16);
    if (name == "Timestamp") {
      return Pick({R"("1970-01-01T00:00:00Z")", R"("2026-11-21T10:00:00.5Z")",
                   R"("9999-12-31T23:59:59.999999999Z")", R"("2000-02-29T23:00:00-05:30")"});
    }
    if (name == "Duration") return Pick({R"("0s")", R"("-1.5s")", R"("315576000000s")"});
    if (name == "FieldMask") return Pick({R"("")", R"("a,b.cD")", R"("*")"});
    if (name == "Any") return Any(depth);
    if (name == "Value") return Free(depth);
    if (name == "Struct") return "{" + FreeMembers(depth) + "}";
    if (name == "ListValue") return "[" + Free(depth) + "]";
    if (name == "Empty") return "{}";
    return Value(*type.field(0), depth);
  }

  std::string Any(int depth) {
    const std::string type = IsOdd() ? "Nothing" : "Inner";
    return Pick({R"({"@type":"x/google.protobuf.Duration","value":"1s"})",
                 R"({"@type":"x/google.protobuf.Value","value":)" + Free(depth) + "}",
                 R"({"@type":"x/puente.codec.)" + type + R"(","id":)" + Quoted(Word()) + "}",
                 R"({"@type":"x/google.protobuf.Any","value":{}})", "{}",
                 R"({"id":"a","@type":"x/puente.codec.Inner"})"});
  }

  // Any JSON.
  std::string Free(int depth) {
    if (depth > 0 && Below(3) == 0) {
      return Below(2) == 0 ? "{" + FreeMembers(depth) + "}"
                           : "[" + Free(depth - 1) + Space() + "," + Free(depth - 1) + "]";
    }
    return Pick({"null", "true", "false", Number(), Quoted(Word()), "[]", "{}"});
  }
  std::string FreeMembers(int depth) {
    std::string members;
    for (int n = Below(3); n > 0; --n) {
      members += Separator(members) + Quoted(Word()) + ":" + Free(depth - 1);
    }
    return members;
  }
  std::string Odd(int depth) {
    return Below(3) == 0 ? Pick({"nul", "", "[1,]", "-", "1e999", "'a'", R"("\x")", "{}}", "01"})
                         : Free(depth);
  }

  std::string Number() {
    if (IsOdd()) return Pick({"1e400", "1.5", "-1", "NaN", "4294967296", "18446744073709551616"});
    const int number = Below(1000);
    return Pick({fmt::to_string(number), fmt::to_string(Below(2)), fmt::format("{}.0", number),
                 fmt::format("{}e1", number), fmt::format("{}0E-1", number)});
  }
  std::string Word() {
    std::string word;
    for (int n = Below(5); n > 0; --n) {
      word += Pick({"a", "Bc", "_", "\\n", "\\u00e9", "\xC3\xA9", "\\ud83d\\ude00", " ", "\\\"",
                    "a longer piece of plain text", "0", "\\/"});
    }
    return word;
  }
  static std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

  std::mt19937 random_;
  const int oddness_;
};

}  // namespace puente::testing
