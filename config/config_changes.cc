#include "config/config_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "config/schema.h"
#include "config/value_text.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What a key and all that is below it needs to be changed. The longest key counts. Keys that are
// not here need a restart: nobody has thought of them yet.
struct KeyRule {
  std::string_view key;
  std::string_view restart;  // why; "": applied while running
};
constexpr KeyRule kKeyRules[] = {
    // Sockets, threads and what they are given when they start. The certificates that listeners
    // have are read again at every reload, also when no key changes.
    {"listeners", "listeners are opened when the process starts"},
    {"admin", "the admin listener is opened when the process starts"},
    {"workers", "threads are started when the process starts"},
    {"limits.max_connections", "connections are counted from the start of the process"},
    // Files, exporters and series are opened once, so that nothing is counted or written twice.
    {"telemetry", "logs, metrics and traces are set up when the process starts"},
    // Read when the drain begins.
    {"drain", ""},
    // Parts of the snapshot, or of the limits that each new request is held to.
    {"trusted_proxies", ""},
    {"headers_with_underscores", ""},
    {"descriptors", ""},
    {"transcoding", ""},
    {"limits", ""},
    {"upstreams", ""},
    {"routes", ""},
    {"auth", ""},
    {"cors", ""},
};
constexpr std::string_view kUnknownKey = "it is not known how to change it while the process runs";

// Whether `key` is `prefix`, or below it.
bool IsIn(std::string_view prefix, std::string_view key) {
  if (!key.starts_with(prefix)) return false;
  return key.size() == prefix.size() || key[prefix.size()] == '.' || key[prefix.size()] == '[';
}

// What tells elements of a list apart for a person; "" for what has no name.
std::string NameOf(const Message& element) {
  if (element.GetDescriptor() == config::Route::descriptor()) {
    const auto& match = static_cast<const config::Route&>(element).match();
    if (match.has_service()) return match.service();
    return match.has_method() ? match.method() : match.path_prefix();
  }
  // Backend and Reflection have an `upstream`, CertificateFiles a `certificate`.
  for (const char* key : {"name", "upstream", "certificate"}) {
    const FieldDescriptor* field = element.GetDescriptor()->FindFieldByName(key);
    if (field != nullptr) return element.GetReflection()->GetString(element, field);
  }
  return "";
}

// A list of sections, and where to find its elements.
struct Elements {
  Elements(const Message& section, const FieldDescriptor& field) {
    const auto& reflection = *section.GetReflection();
    for (int i = 0; i < reflection.FieldSize(section, &field); ++i) {
      const Message& element = reflection.GetRepeatedMessage(section, &field, i);
      list.push_back(&element);
      names.push_back(NameOf(element));
      have_names &= !names.back().empty() && by_name.emplace(names.back(), &element).second;
    }
  }

  std::vector<const Message*> list;
  std::vector<std::string> names;                 // parallel to `list`
  std::map<std::string, const Message*> by_name;  // complete if `have_names`
  bool have_names = true;                         // which differ
};

std::vector<std::string> NamesAlsoIn(const Elements& others, const Elements& elements) {
  std::vector<std::string> names;
  std::ranges::copy_if(elements.names, std::back_inserter(names),
                       [&](const std::string& name) { return others.by_name.contains(name); });
  return names;
}

class Comparison {
 public:
  void Compare(const std::string& key, const Message& before, const Message& after) {
    for (int i = 0; i < after.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *after.GetDescriptor()->field(i);
      CompareField(key, field, before, after);
    }
  }

  std::vector<ConfigChange> changes;

 private:
  void CompareField(const std::string& parent, const FieldDescriptor& field, const Message& before,
                    const Message& after) {
    const std::string key = JoinKey(parent, field.name());
    if (!IsSection(field) || field.is_map()) {
      if (const auto text = DescribeChange(field, before, after))
        changes.push_back({key, "", *text});
    } else if (field.is_repeated()) {
      CompareLists(key, Elements(before, field), Elements(after, field));
    } else {
      CompareSections(key, field, before, after);
    }
  }

  void CompareSections(const std::string& key, const FieldDescriptor& field, const Message& before,
                       const Message& after) {
    const bool was = before.GetReflection()->HasField(before, &field);
    const bool is = after.GetReflection()->HasField(after, &field);
    if (was && is) {
      Compare(key, before.GetReflection()->GetMessage(before, &field),
              after.GetReflection()->GetMessage(after, &field));
    } else if (was || is) {
      changes.push_back({key, "", is ? "added" : "removed"});
    }
  }

  void CompareLists(const std::string& key, const Elements& before, const Elements& after) {
    if (before.have_names && after.have_names) {
      CompareByName(key, before, after);
    } else {
      CompareByPlace(key, before, after);
    }
  }

  void CompareByName(const std::string& key, const Elements& before, const Elements& after) {
    for (std::size_t i = 0; i < after.list.size(); ++i) {
      const auto known = before.by_name.find(after.names[i]);
      if (known != before.by_name.end()) {
        Compare(IndexKey(key, i), *known->second, *after.list[i]);
      } else {
        changes.push_back({IndexKey(key, i), ShownText(after.names[i]), "added"});
      }
    }
    for (const std::string& name : before.names) {
      if (!after.by_name.contains(name)) changes.push_back({key, ShownText(name), "removed"});
    }
    if (NamesAlsoIn(before, after) != NamesAlsoIn(after, before)) {
      changes.push_back({key, "", "order changed"});
    }
  }

  void CompareByPlace(const std::string& key, const Elements& before, const Elements& after) {
    const std::size_t both = std::min(before.list.size(), after.list.size());
    for (std::size_t i = 0; i < both; ++i) {
      Compare(IndexKey(key, i), *before.list[i], *after.list[i]);
    }
    for (std::size_t i = both; i < after.list.size(); ++i) {
      changes.push_back({IndexKey(key, i), "", "added"});
    }
    for (std::size_t i = both; i < before.list.size(); ++i) {
      changes.push_back({IndexKey(key, i), "", "removed"});
    }
  }
};

}  // namespace

std::string ToString(const ConfigChange& change) {
  if (change.name.empty()) return fmt::format("{}: {}", change.key, change.text);
  return fmt::format("{} ({}): {}", change.key, change.name, change.text);
}

std::vector<ConfigChange> CompareConfigs(const config::Config& before,
                                         const config::Config& after) {
  Comparison comparison;
  comparison.Compare("", before, after);
  return std::move(comparison.changes);
}

std::string_view RestartReason(std::string_view key) {
  std::string_view longest;
  std::string_view reason = kUnknownKey;
  for (const KeyRule& rule : kKeyRules) {
    if (rule.key.size() <= longest.size() || !IsIn(rule.key, key)) continue;
    longest = rule.key;
    reason = rule.restart;
  }
  return reason;
}

std::vector<Problem> NeedsRestart(const std::vector<ConfigChange>& changes,
                                  const SourceMap& positions) {
  std::vector<Problem> problems;
  for (const auto& [key, name, text] : changes) {
    const std::string_view reason = RestartReason(key);
    if (reason.empty()) continue;
    const std::string what = name.empty() ? text : fmt::format("{} {}", name, text);
    problems.push_back(
        positions.At(key, fmt::format("{}; this needs a restart, since {}", what, reason)));
  }
  return problems;
}

}  // namespace puente
