#include "proxy/reload/watched_files.h"

#include <algorithm>
#include <set>

#include "config/schema.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsOutput(const FieldDescriptor& field) {
  return field.containing_type() == config::AccessLog::descriptor() &&
         field.number() == config::AccessLog::kPathFieldNumber;
}

bool NamesInput(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && TraitsOf(field).is_path &&
         !IsOutput(field);
}

// Calls `visit` with the index of each value; -1 for that of a field that is no list.
template <class Visit>
void ForEachValue(const Message& message, const FieldDescriptor& field, Visit visit) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (reflection.HasField(message, &field)) visit(-1);
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) visit(i);
}

void AddFiles(const Message& section, std::set<std::string>& files) {
  const auto& reflection = *section.GetReflection();
  for (int i = 0; i < section.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *section.GetDescriptor()->field(i);
    const bool is_section = IsSection(field) && !field.is_map();
    if (!is_section && !NamesInput(field)) continue;
    ForEachValue(section, field, [&](int index) {
      if (is_section) {
        AddFiles(index < 0 ? reflection.GetMessage(section, &field)
                           : reflection.GetRepeatedMessage(section, &field, index),
                 files);
      } else {
        files.insert(index < 0 ? reflection.GetString(section, &field)
                               : reflection.GetRepeatedString(section, &field, index));
      }
    });
  }
}

}  // namespace

std::vector<std::string> WatchedFiles(std::string_view config_file, const config::Config& config) {
  std::set<std::string> files{std::string(config_file)};
  AddFiles(config, files);
  files.erase("");
  return {files.begin(), files.end()};
}

}  // namespace puente
