#include "transcoder/comparison/difference_log.h"

#include <algorithm>
#include <utility>

#include "transcoder/json_writer.h"

namespace puente {
namespace {

void WriteNumber(std::string_view name, std::int64_t number, JsonWriter& json) {
  json.Key(name);
  json.Number(number);
}

void WriteDifference(const Difference& difference, std::int64_t count, JsonWriter& json) {
  json.Open('{');
  json.Member("path", difference.path);
  json.Member("kind", DifferenceKindName(difference.kind));
  WriteNumber("count", count, json);
  json.Close();
}

}  // namespace

void DifferenceLog::Add(const Comparison& comparison) {
  const std::scoped_lock lock(mutex_);
  if (!comparison) {
    ++counts_.errors;
  } else if (comparison->empty()) {
    ++counts_.matched;
  } else {
    ++counts_.mismatched;
    for (const Difference& difference : *comparison) Count(difference);
  }
}

void DifferenceLog::Count(const Difference& difference) {
  const auto known = counts_.differences.find(difference);
  if (known != counts_.differences.end()) {
    ++known->second;
  } else if (counts_.differences.size() < kMostListed) {
    counts_.differences.emplace(difference, 1);
  } else {
    ++counts_.dropped;
  }
}

void DifferenceLog::Clear() {
  const std::scoped_lock lock(mutex_);
  counts_ = {};
}

DifferenceLog::Counts DifferenceLog::Read() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

std::vector<DifferenceLog::Listed> DifferenceLog::MostFrequentFirst(const Counts& counts) {
  std::vector<Listed> listed(counts.differences.begin(), counts.differences.end());
  std::ranges::stable_sort(listed, std::ranges::greater(), &Listed::second);
  return listed;
}

void DifferenceLog::AppendJson(std::string& out) const {
  const Counts counts = Read();
  JsonWriter json;
  json.Open('{');
  WriteNumber("compared", counts.matched + counts.mismatched, json);
  WriteNumber("matched", counts.matched, json);
  WriteNumber("mismatched", counts.mismatched, json);
  WriteNumber("errors", counts.errors, json);
  json.Key("differences");
  json.Open('[');
  for (const auto& [difference, count] : MostFrequentFirst(counts)) {
    WriteDifference(difference, count, json);
  }
  json.Close();
  WriteNumber("dropped", counts.dropped, json);
  json.Close();
  out += std::move(json).Finish();
}

}  // namespace puente
