// Messages to JSON, by reflection: canonical proto3 JSON (design section 4, rules 3, 6 and 10).
#pragma once

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "transcoder/codec.h"
#include "transcoder/place.h"

namespace puente {

// How deep messages may be nested that become JSON of `max_json_depth` levels at most.
constexpr int MostWireLevels(int max_json_depth) {
  constexpr int kMessagesPerLevel = 3;  // an object in a Struct: a Struct, an entry and a Value
  return kMessagesPerLevel * (max_json_depth + 1);
}

// Reads `bytes` into `message`, required fields or not, at most MostWireLevels deep. False when
// they are something else, or deeper.
bool ParseMessage(std::string_view bytes, int max_json_depth, google::protobuf::Message& message);

// Appends {"@type": type_url, "value": base64}: an Any whose type is not known or whose bytes are
// broken. What is not UTF-8 in the URL becomes U+FFFD.
void AppendOpaqueAny(std::string_view type_url, std::string_view bytes, std::string& out);

// How many bytes the Anys of an answer of `message_size` bytes may be unpacked from, each level of
// Anys in Anys counting for itself: what is large and flat passes, what multiplies by its depth
// does not.
std::size_t AnyBudget(std::size_t message_size);

// Prints one JSON value. Used once, by one thread. Takes time and memory linear in the message and
// in what its Anys are unpacked from.
//
// What an Any of an unknown type or with broken bytes holds is printed as AppendOpaqueAny does.
// Fields that the descriptor does not know, extensions among them, are left out. An error says what
// is wrong and where, and leaves an unfinished text behind: a string or a type URL that is not
// UTF-8, a Timestamp, Duration or FieldMask without a JSON form, a Value that is not finite, JSON
// deeper than options.max_json_depth, Anys that are unpacked from more than `any_budget` bytes in
// all, a proto2 group that is set.
class JsonPrinter {
 public:
  using Printed = tl::expected<void, std::string>;

  // All of these must outlive the printer; `factory` must be of `pool`. `depth` levels of JSON are
  // already around what is printed.
  JsonPrinter(const google::protobuf::DescriptorPool& pool,
              google::protobuf::DynamicMessageFactory& factory, const CodecOptions& options,
              std::string& out, int depth = 0, std::size_t any_budget = AnyBudget(0));

  Printed Print(const google::protobuf::Message& message);
  // The value of one field: its JSON default when it is unset, that is null for a message which has
  // a scalar form.
  Printed Print(const google::protobuf::Message& message,
                const google::protobuf::FieldDescriptor& field);
  Printed PrintAny(std::string_view type_url, std::string_view bytes);

 private:
  using Message = google::protobuf::Message;
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  Printed Finish(bool printed);
  bool Fail(std::string_view problem);
  bool Enter(char bracket);
  void Leave(char bracket);
  void Separate(bool& first);

  bool Value(const Message& message);
  bool Members(const Message& message, bool first);
  bool Member(const Message& message, const FieldDescriptor& field, bool& first);
  bool Field(const Message& message, const FieldDescriptor& field);
  bool Array(const Message& message, const FieldDescriptor& field);
  bool Map(const Message& message, const FieldDescriptor& field);
  // By the text of the key; of a key that is there twice, the last.
  using Entries = std::map<std::string, const google::protobuf::Message*>;
  bool CollectEntries(const Message& message, const FieldDescriptor& field, Entries& entries);
  // `index` is -1 for a singular field.
  bool Scalar(const Message& message, const FieldDescriptor& field, int index);
  bool Enum(const FieldDescriptor& field, int number);
  bool Text(const FieldDescriptor& field, const std::string& value);

  // `holder` is `message` itself where nothing else needs it, and is let go as soon as the content
  // is unpacked.
  bool Any(const Message& message, std::unique_ptr<Message> holder = nullptr);
  bool AnyOf(std::string_view type_url, std::string_view bytes, std::unique_ptr<Message> holder);
  bool Charge(std::size_t bytes);
  bool AnyContent(std::unique_ptr<Message> message);
  bool AnyValue(const Message& message);
  bool FieldMask(const Message& message);
  bool Quoted(const std::optional<std::string>& text, std::string_view problem);

  const google::protobuf::DescriptorPool& pool_;
  google::protobuf::DynamicMessageFactory& factory_;
  const CodecOptions& options_;
  std::string& out_;
  int depth_;
  const std::size_t any_budget_;
  std::size_t unpacked_ = 0;
  Place place_;
  std::optional<std::string> problem_;
};

}  // namespace puente
