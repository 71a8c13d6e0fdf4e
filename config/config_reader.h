// YAML into protobuf messages: those of puente.proto, and others.
#pragma once

#include <google/protobuf/message.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/env_expansion.h"
#include "config/findings.h"
#include "config/yaml_tree.h"

namespace puente {

// Reads as much as can be read, and finds: unknown and duplicate keys, keys and values that are not
// supported yet, values of the wrong kind or type, and variables that are not set. What must be
// there, and what fits together, is for check_config.h.
class ConfigReader {
 public:
  // For the configuration. File paths are relative to `folder`. The arguments must outlive the
  // reader.
  ConfigReader(const std::filesystem::path& folder, const Environment& environment,
               Findings& findings)
      : folder_(folder), environment_(&environment), findings_(findings) {}

  // For files that other programs read as well: values hold no variables, and keys may also be
  // written in lowerCamelCase, as in proto3 JSON. Problems and positions have the proto names.
  explicit ConfigReader(Findings& findings) : findings_(findings) {}

  // Reads the mapping `node` into `section`; `path` is the section's own key.
  void ReadSection(const YamlNode& node, const std::string& path,
                   google::protobuf::Message& section);

  // Reads `node` into `field` of `section`, whether the field is supported or not.
  void ReadField(const YamlNode& node, const std::string& path,
                 const google::protobuf::FieldDescriptor& field,
                 google::protobuf::Message& section);

 private:
  using Field = google::protobuf::FieldDescriptor;

  // The field of `section` that `key` names, or nullptr.
  const Field* FindKey(const google::protobuf::Descriptor& section, const std::string& key) const;
  void ReadEntry(const YamlNode& node, const Field& field, const std::string& path,
                 google::protobuf::Message& section);
  void ReportUnknown(const YamlNode& node, const std::string& parent,
                     const google::protobuf::Descriptor& section);
  // The values of a map are scalars.
  void ReadMap(const YamlNode& node, const std::string& path,
               const google::protobuf::FieldDescriptor& field, google::protobuf::Message& section);
  void ReadList(const YamlNode& node, const std::string& path, const Field& field,
                google::protobuf::Message& section);
  void ReadElement(const YamlNode& node, const std::string& path, const Field& field,
                   google::protobuf::Message& section);
  // Whether a value was stored.
  bool ReadScalar(const YamlNode& node, const std::string& path, const Field& field,
                  google::protobuf::Message& section);

  // Whether `node` is of the kind; if not, that is a problem.
  bool Expect(YamlNode::Kind kind, const YamlNode& node, const std::string& path);

  // The text of `node` with its variables replaced; nullopt, and a problem, when that is not
  // possible.
  std::optional<ExpandedText> Expand(const YamlNode& node, const std::string& path);

  const std::filesystem::path folder_;
  const Environment* const environment_ = nullptr;
  Findings& findings_;
};

}  // namespace puente
