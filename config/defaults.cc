#include "config/defaults.h"

#include <filesystem>
#include <optional>

#include "config/config_reader.h"
#include "config/schema.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void ApplyDefault(const FieldDescriptor& field, const std::string& text, Message& message) {
  const std::filesystem::path folder;
  const Environment environment = [](std::string_view) { return std::nullopt; };
  Findings findings("puente.proto");
  if (const auto tree = ParseYaml(text)) {
    ConfigReader(folder, environment, findings).ReadField(tree->root, field.name(), field, message);
  }
}

bool IsSet(const FieldDescriptor& field, const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                             : reflection.HasField(message, &field);
}

void ApplyDefaultsInside(const FieldDescriptor& field, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (reflection.HasField(message, &field)) {
      ApplyDefaults(*reflection.MutableMessage(&message, &field));
    }
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    ApplyDefaults(*reflection.MutableRepeatedMessage(&message, &field, i));
  }
}

}  // namespace

void ApplyDefaults(Message& message) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (const auto text = TraitsOf(field).default_value; text && !IsSet(field, message)) {
      ApplyDefault(field, *text, message);
    }
    if (IsSection(field) && !field.is_map()) ApplyDefaultsInside(field, message);
  }
  if (type.full_name() == config::Listener::descriptor()->full_name()) {
    auto& listener = static_cast<config::Listener&>(message);
    if (!listener.has_name() && !listener.address().empty()) listener.set_name(listener.address());
  }
}

config::Config DefaultConfig() {
  config::Config config;
  ApplyDefaults(config);
  return config;
}

}  // namespace puente
