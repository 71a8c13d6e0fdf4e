#include "config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "config/config_reader.h"
#include "config/findings.h"
#include "config/puente.pb.h"
#include "config/yaml_tree.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::IsEmpty;

using FieldVisitor = std::function<void(const FieldDescriptor&)>;

void VisitFields(const Descriptor& section, const FieldVisitor& visit) {
  for (int i = 0; i < section.field_count(); ++i) {
    visit(*section.field(i));
    if (IsSection(*section.field(i)) && !section.field(i)->is_map()) {
      VisitFields(*section.field(i)->message_type(), visit);
    }
  }
}

void ForEachField(const FieldVisitor& visit) { VisitFields(*config::Config::descriptor(), visit); }

std::optional<std::string> NoVariables(std::string_view) { return std::nullopt; }

TEST(SchemaTest, EnumsAreSpelledWithoutTheirPrefix) {
  ForEachField([](const FieldDescriptor& field) {
    if (field.enum_type() == nullptr) return;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      const auto& value = *field.enum_type()->value(i);
      std::string prefix;
      for (const char c : field.enum_type()->name()) {
        if (c >= 'A' && c <= 'Z' && !prefix.empty()) prefix += '_';
        prefix += static_cast<char>(std::toupper(c));
      }
      EXPECT_EQ(value.name(), prefix + "_" + std::string(EnumText(value)));
      EXPECT_EQ(FindEnumValue(*field.enum_type(), EnumText(value)), &value);
    }
  });
  EXPECT_EQ(FindEnumValue(*config::Listener::Protocol_descriptor(), "PROTOCOL_HTTP"), nullptr);
  EXPECT_EQ(FindEnumValue(*config::Listener::Protocol_descriptor(), ""), nullptr);
}

TEST(SchemaTest, EveryDefaultCanBeReadAndIsWithinItsBounds) {
  ForEachField([](const FieldDescriptor& field) {
    const auto text = TraitsOf(field).default_value;
    if (!text.has_value()) return;
    const auto tree = ParseYaml(*text);
    ASSERT_TRUE(tree.has_value()) << field.full_name();
    Findings findings(field.full_name());
    const std::filesystem::path folder;
    const Environment environment = NoVariables;
    const std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()
                                               ->GetPrototype(field.containing_type())
                                               ->New());
    ConfigReader(folder, environment, findings).ReadField(tree->root, "x", field, *message);
    EXPECT_THAT(findings.problems(), IsEmpty()) << field.full_name() << " = " << *text;
  });
}

// What the reader has no code for: lists of other numbers and of durations, and other maps.
TEST(SchemaTest, SupportedListsAreOfTextNumbersEnumsOrSectionsAndMapsOfText) {
  const FieldVisitor check = [&](const FieldDescriptor& field) {
    if (!field.is_repeated() || !TraitsOf(field).supported) return;
    if (field.is_map()) {
      EXPECT_EQ(field.message_type()->map_key()->type(), FieldDescriptor::TYPE_STRING);
      EXPECT_EQ(field.message_type()->map_value()->type(), FieldDescriptor::TYPE_STRING);
      return;
    }
    EXPECT_TRUE(field.cpp_type() == FieldDescriptor::CPPTYPE_STRING || IsSection(field) ||
                field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 || field.enum_type() != nullptr)
        << field.full_name();
  };
  const std::function<void(const Descriptor&)> visit = [&](const Descriptor& section) {
    for (int i = 0; i < section.field_count(); ++i) {
      const FieldDescriptor& field = *section.field(i);
      check(field);
      const bool is_section = IsSection(field) && !field.is_map();
      if (is_section && TraitsOf(field).supported) visit(*field.message_type());
    }
  };
  visit(*config::Config::descriptor());
}

TEST(SchemaTest, SingularValuesTellWhetherTheyAreSet) {
  ForEachField([](const FieldDescriptor& field) {
    EXPECT_TRUE(field.is_repeated() || field.has_presence()) << field.full_name();
  });
}

}  // namespace
}  // namespace puente
