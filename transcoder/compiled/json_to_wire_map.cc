// The parts of JsonToWire for maps.
#include "transcoder/compiled/json_to_wire.h"
#include "transcoder/json_reader.h"

namespace puente {

using Kind = FieldTable::Kind;

namespace {

// As the tables have an entry's fields.
constexpr std::size_t kKey = 0;
constexpr std::size_t kValue = 1;

}  // namespace

bool JsonToWire::ReadMap(const FieldTable& field) {
  if (!json_.Enter('{')) return false;
  if (json_.Next() == '}') return json_.Leave('}');
  const std::size_t names = names_.Open();
  const std::size_t numbers = numbers_.Open();
  do {
    if (!ReadEntry(field)) return false;
  } while (json_.Consume(','));
  return json_.Leave('}') && names_.Close(names) && numbers_.Close(numbers);
}

bool JsonToWire::ReadEntry(const FieldTable& field) {
  if (levels_ >= JsonReader::kDeepestWire) return false;
  const WireWriter::Mark mark = out_.mark();
  const std::size_t dropped = dropped_.in_body;
  const WireWriter::Nested nested = out_.Begin(field.tag);
  ++levels_;
  if (!ReadKey(field.message->fields[kKey])) return false;
  const FieldTable& value = field.message->fields[kValue];
  if (!ReadOne(value, nullptr)) return false;
  --levels_;
  out_.End(nested);
  if (value.kind == Kind::kEnum && dropped_.in_body > dropped) out_.Rewind(mark);
  return true;
}

bool JsonToWire::ReadKey(const FieldTable& key) {
  if (json_.Next() != '"') return false;
  if (key.kind == Kind::kString || key.kind == Kind::kBool) return ReadTextKey(key);
  std::uint64_t bits = 0;
  if (!ReadNumber(key.kind, bits) || !json_.Consume(':')) return false;
  numbers_.Add(bits);
  AppendNumber(key, bits);
  return true;
}

bool JsonToWire::ReadTextKey(const FieldTable& key) {
  std::string_view text;
  if (!json_.Key(text)) return false;
  names_.Add(Kept(text));
  if (key.kind == Kind::kString) {
    if (!text.empty() || key.has_presence) AppendText(key.tag, text);
    return true;
  }
  if (text != "true" && text != "false") return false;
  AppendNumber(key, text == "true");
  return true;
}

}  // namespace puente
