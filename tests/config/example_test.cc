// config/example.yaml shows every key that can be used, with its default.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "config/defaults.h"
#include "config/load_config.h"
#include "config/schema.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::optional<std::string> NoVariables(std::string_view) { return std::nullopt; }

class ExampleTest : public testing::Test {
 protected:
  static LoadResult Load() {
    const auto file = std::filesystem::path(__FILE__).parent_path() / "../../config/example.yaml";
    return LoadConfigFile(file, NoVariables);
  }
};

TEST_F(ExampleTest, TheExampleHasNoProblems) {
  for (const Problem& problem : Load().problems) ADD_FAILURE() << ToString(problem);
}

using KeyVisitor =
    std::function<void(const Message&, const FieldDescriptor&, const std::string& key)>;

// Calls `visit` with all keys of `message`, and with those of the sections that are set.
void VisitKeys(const Message& message, const std::string& path, const KeyVisitor& visit) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string key = JoinKey(path, field.name());
    visit(message, field, key);
    if (!IsSection(field) || field.is_map()) continue;
    if (!field.is_repeated()) {
      if (reflection.HasField(message, &field)) {
        VisitKeys(reflection.GetMessage(message, &field), key, visit);
      }
      continue;
    }
    for (int j = 0; j < reflection.FieldSize(message, &field); ++j) {
      VisitKeys(reflection.GetRepeatedMessage(message, &field, j), IndexKey(key, j), visit);
    }
  }
}

void AddSupportedKeys(const Descriptor& section, std::set<std::string>& keys) {
  for (int i = 0; i < section.field_count(); ++i) {
    const FieldDescriptor& field = *section.field(i);
    if (!TraitsOf(field).supported) continue;
    keys.insert(field.full_name());
    if (IsSection(field) && !field.is_map()) AddSupportedKeys(*field.message_type(), keys);
  }
}

TEST_F(ExampleTest, ItsValuesAreTheDefaults) {
  VisitKeys(Load().loaded.config, "",
            [](const Message& message, const FieldDescriptor& field, const std::string& key) {
              if (!TraitsOf(field).default_value || IsSection(field)) return;
              if (key == "listeners[2].tls.client_auth") return;  // shows mutual TLS
              const std::unique_ptr<Message> defaults(message.New());
              ApplyDefaults(*defaults);
              google::protobuf::util::MessageDifferencer differencer;
              EXPECT_TRUE(differencer.CompareWithFields(message, *defaults, {&field}, {&field}))
                  << key;
            });
}

TEST_F(ExampleTest, ItHasEverySupportedKey) {
  const LoadResult result = Load();
  std::set<std::string> written;
  VisitKeys(result.loaded.config, "",
            [&](const Message&, const FieldDescriptor& field, const std::string& key) {
              if (result.loaded.positions.Has(key)) written.insert(field.full_name());
            });
  std::set<std::string> supported;
  AddSupportedKeys(*config::Config::descriptor(), supported);
  EXPECT_EQ(written, supported);
}

}  // namespace
}  // namespace puente
