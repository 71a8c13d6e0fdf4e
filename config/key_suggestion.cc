#include "config/key_suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/problem.h"
#include "config/puente.pb.h"
#include "config/schema.h"

namespace puente {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestName = 256;

// Case and separators aside: "privateKey" is "private_key".
std::string Normalize(std::string_view key) {
  std::string normal;
  for (const char c : key) {
    if (c == '_' || c == '-') continue;
    normal += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return normal;
}

// How many letters must be inserted, removed, replaced, or swapped with their neighbour.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::vector<std::string> KeysOf(const Descriptor& section) {
  std::vector<std::string> keys;
  for (int i = 0; i < section.field_count(); ++i) keys.push_back(section.field(i)->name());
  return keys;
}

// Appends the paths of the sections, from `section` on, that have `key`: "upstreams[].grpc".
void FindSections(const Descriptor& section, const std::string& path, std::string_view key,
                  std::vector<std::string>& found) {
  for (int i = 0; i < section.field_count(); ++i) {
    const FieldDescriptor& field = *section.field(i);
    if (field.name() == key) found.push_back(path);
    if (!IsSection(field) || field.is_map() || !TraitsOf(field).supported) continue;
    FindSections(*field.message_type(),
                 JoinKey(path, field.name()) + (field.is_repeated() ? "[]" : ""), key, found);
  }
}

std::string DescribeSections(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    if (path.empty()) return "it belongs at the top of the file";
    names.push_back(path);
  }
  return fmt::format("it belongs in {}", Enumerate(names, "or"));
}

std::string DescribeKeys(const Descriptor& section) {
  std::vector<std::string> names;
  for (int i = 0; i < section.field_count(); ++i) {
    if (TraitsOf(*section.field(i)).supported) names.push_back(section.field(i)->name());
  }
  return fmt::format("the keys here are {}", Enumerate(names, "and"));
}

}  // namespace

KeySuggestion SuggestKey(const Descriptor& section, std::string_view key) {
  if (key.size() <= kLongestKey) {
    const std::vector<std::string> keys = KeysOf(section);
    if (const std::string nearest(NearestName(keys, key)); !nearest.empty()) {
      return {nearest, fmt::format("did you mean `{}`?", nearest)};
    }
    std::vector<std::string> elsewhere;
    const Descriptor& top = *config::Config::descriptor();
    if (section.file() == top.file()) FindSections(top, "", key, elsewhere);
    if (!elsewhere.empty()) return {"", DescribeSections(elsewhere)};
  }
  return {"", DescribeKeys(section)};
}

std::string_view NearestName(std::span<const std::string> names, std::string_view text) {
  if (text.size() > kLongestName) return {};
  const std::string normal = Normalize(text);
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, normal.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = EditDistance(normal, Normalize(name));
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace puente
