#include "proxy/diff_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "descriptors/descriptor_diff.h"
#include "descriptors/descriptor_set.h"
#include "proxy/exit_code.h"
#include "transcoder/json_writer.h"

namespace puente {
namespace {

// nullptr when there is none; stderr says why.
std::shared_ptr<const DescriptorSet> Load(const std::string& file) {
  DescriptorSetBuilder builder;
  Problems problems = builder.AddFile(file);
  if (problems.empty()) {
    auto built = std::move(builder).Build();
    if (built) return *built;
    problems = built.error();
  }
  for (const std::string& problem : problems) fmt::print(stderr, "puente diff: {}\n", problem);
  return nullptr;
}

std::string AsText(const std::vector<Change>& changes) {
  std::size_t width = 0;
  for (const Change& change : changes) width = std::max(width, change.element.size());
  std::string text;
  for (const Change& change : changes) {
    fmt::format_to(std::back_inserter(text), "{:<8}  {:<{}}  {}\n",
                   change.breaking ? "BREAKING" : "info", change.element, width, change.text);
  }
  return text;
}

std::string AsJson(const std::vector<Change>& changes) {
  JsonWriter json;
  json.Open('{');
  json.Key("breaking");
  json.Number(std::ranges::count_if(changes, &Change::breaking));
  json.Key("changes");
  json.Open('[');
  for (const Change& change : changes) {
    json.Open('{');
    json.Key("breaking");
    json.Bool(change.breaking);
    json.Member("kind", Name(change.kind));
    json.Member("element", change.element);
    json.Member("text", change.text);
    json.Close();
  }
  json.Close();
  json.Close();
  return std::move(json).Finish();
}

}  // namespace

int DiffFiles(const std::string& before, const std::string& after, bool json) {
  const auto old_set = Load(before);
  const auto new_set = Load(after);
  if (!old_set || !new_set) return kBadUsage;
  const std::vector<Change> changes = DiffDescriptors(*old_set, *new_set);
  fmt::print("{}", json ? AsJson(changes) : AsText(changes));
  return std::ranges::any_of(changes, &Change::breaking) ? kRefused : kOk;
}

}  // namespace puente
