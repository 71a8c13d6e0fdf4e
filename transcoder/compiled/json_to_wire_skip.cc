// The parts of JsonToWire for what is let pass: checked as strictly as what is read.
#include "transcoder/compiled/json_to_wire.h"

namespace puente {

bool JsonToWire::SkipUnknown(std::string_view key) {
  if (options_.unknown_fields != UnknownInput::kIgnore) return false;
  names_.Add(Kept(key));
  if (mask_ != nullptr) mask_->NoteUnknown();
  ++dropped_.in_body;
  return SkipValue();
}

bool JsonToWire::SkipValue() {
  std::string_view ignored;
  switch (json_.Next()) {
    case '{':
      return SkipObject();
    case '[':
      return SkipArray();
    case '"':
      return json_.String(ignored);
    case 't':
      return json_.Literal("true");
    case 'f':
      return json_.Literal("false");
    case 'n':
      return json_.Literal("null");
    default:
      return json_.Number(ignored);
  }
}

bool JsonToWire::SkipObject() {
  if (!json_.Enter('{')) return false;
  if (json_.Next() == '}') return json_.Leave('}');
  const std::size_t keys = names_.Open();
  std::string_view key;
  do {
    if (!json_.Key(key)) return false;
    names_.Add(Kept(key));
    if (!SkipValue()) return false;
  } while (json_.Consume(','));
  return json_.Leave('}') && names_.Close(keys);
}

bool JsonToWire::SkipArray() {
  if (!json_.Enter('[')) return false;
  if (json_.Next() == ']') return json_.Leave(']');
  do {
    if (!SkipValue()) return false;
  } while (json_.Consume(','));
  return json_.Leave(']');
}

// `key`, or a copy that lasts.
std::string_view JsonToWire::Kept(std::string_view key) {
  return json_.IsInText(key) ? key : std::string_view(kept_.emplace_front(key));
}

}  // namespace puente
