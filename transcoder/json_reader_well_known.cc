// The parts of JsonReader for the well-known types.
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <utility>

#include "transcoder/json_reader.h"
#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::Descriptor;

namespace {

// Field numbers of google.protobuf.Value.
constexpr int kNullValue = 1;
constexpr int kNumberValue = 2;
constexpr int kStringValue = 3;
constexpr int kBoolValue = 4;
constexpr int kStructValue = 5;
constexpr int kListValue = 6;

}  // namespace

bool JsonReader::ReadTextual(const Descriptor& message) {
  std::string_view text;
  if (scanner_.Peek() != Kind::kString) return Fail(ExpectedFor(message));
  if (!scanner_.String(text)) return false;
  const bool snake_case = text.find('_') != std::string_view::npos;
  if (snake_case && KindOf(message) == WellKnown::kFieldMask) {
    return Fail("expected field paths in camelCase, separated by commas");
  }
  return Check(AppendTextContent(message, text, out_));
}

bool JsonReader::ReadValue(const Descriptor& message) {
  std::string_view text;
  bool truth = false;
  switch (scanner_.Peek()) {
    case Kind::kNull:
      out_.Varint(kNullValue, 0);
      return scanner_.Null();
    case Kind::kNumber:
      return scanner_.Number(text) &&
             Check(AppendText(*message.FindFieldByNumber(kNumberValue), text, out_));
    case Kind::kString:
      if (!scanner_.String(text)) return false;
      out_.Bytes(kStringValue, text);
      return true;
    case Kind::kBool:
      if (!scanner_.Bool(truth)) return false;
      out_.Varint(kBoolValue, truth);
      return true;
    case Kind::kObject:
      return ReadSingular(*message.FindFieldByNumber(kStructValue), nullptr);
    case Kind::kArray:
      return ReadSingular(*message.FindFieldByNumber(kListValue), nullptr);
    case Kind::kNone:
      return scanner_.Skip();
  }
  return false;
}

bool JsonReader::ReadStruct(const Descriptor& message) {
  return ReadMap(*message.FindFieldByNumber(1));
}

bool JsonReader::ReadListValue(const Descriptor& message) {
  return ReadRepeated(*message.FindFieldByNumber(1));
}

bool JsonReader::ReadAny(const Descriptor& message) {
  if (scanner_.Peek() != Kind::kObject) return Fail(ExpectedFor(message));
  const auto type_url = scanner_.FindType();
  if (!type_url) return ReadEmptyAny();
  const Descriptor* type = FindAnyType(*type_url);
  if (type == nullptr) return false;
  out_.Bytes(1, *type_url);
  out_.Open(2);
  const std::size_t outer = std::exchange(outermost_, out_.depth());
  if (!ReadAnyContent(*type)) return false;
  outermost_ = outer;
  out_.Close();
  return true;
}

// An object without "@type" is an empty Any when it has no other members either.
bool JsonReader::ReadEmptyAny() {
  std::string_view key;
  if (!scanner_.EnterObject()) return false;
  const Step step = scanner_.NextKey(key);
  if (step == Step::kNext) return Fail("expected a member \"@type\" with the URL of a type");
  return step == Step::kEnd;
}

const Descriptor* JsonReader::FindAnyType(std::string_view type_url) {
  place_.PushField(JsonScanner::kTypeKey);
  const std::size_t slash = type_url.rfind('/');
  if (slash == std::string_view::npos || slash == 0) {
    return Fail("expected a URL that ends with '/' and the name of a type"), nullptr;
  }
  const Descriptor* type = pool_.FindMessageTypeByName(std::string(type_url.substr(slash + 1)));
  if (type == nullptr || type->options().map_entry()) {
    return Fail("the type is not known here"), nullptr;
  }
  place_.Pop();
  return type;
}

bool JsonReader::ReadAnyContent(const Descriptor& message) {
  // Some implementations write an Empty like the other well-known types, and some do not.
  const bool is_empty =
      message.full_name() == "google.protobuf.Empty" && message.field_count() == 0;
  return KindOf(message) == WellKnown::kNone && !is_empty
             ? ReadMembers(message, nullptr, /*in_any=*/true)
             : ReadAnyValue(message);
}

// {"@type": …, "value": …}
bool JsonReader::ReadAnyValue(const Descriptor& message) {
  if (!scanner_.EnterObject()) return false;
  std::set<std::string_view> keys;
  std::string_view key;
  Step step = scanner_.NextKey(key);
  for (; step == Step::kNext; step = scanner_.NextKey(key)) {
    if (!keys.insert(key).second) return Fail("a member is given twice");
    if (!ReadAnyValueMember(message, key)) return false;
  }
  const bool complete = keys.contains("value") || KindOf(message) == WellKnown::kNone;
  if (step == Step::kEnd && !complete) return Fail("expected a member \"value\"");
  return step == Step::kEnd;
}

bool JsonReader::ReadAnyValueMember(const Descriptor& message, std::string_view key) {
  if (key == "value") {
    place_.PushField("value");
    if (!ReadMessage(message, nullptr)) return false;
    place_.Pop();
    return true;
  }
  const bool is_known = key == JsonScanner::kTypeKey;
  if (!is_known && options_.unknown_fields == UnknownInput::kReject) {
    return Fail("expected no other members than \"@type\" and \"value\"");
  }
  if (!is_known) CountUnknown(key);
  return scanner_.Skip();
}

}  // namespace puente
