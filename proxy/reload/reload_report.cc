#include "proxy/reload/reload_report.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "transcoder/json_writer.h"

namespace puente {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr std::size_t kMostLogLines = 100;

std::vector<std::string> TextsOf(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  texts.reserve(problems.size());
  for (const Problem& problem : problems) texts.push_back(ToString(problem));
  return texts;
}

// At most `most` lines, the last of which says how many are left out.
std::vector<std::string> FirstOf(const std::vector<std::string>& lines, std::size_t most) {
  if (lines.size() <= most) return lines;
  std::vector<std::string> first(lines.begin(),
                                 lines.begin() + static_cast<std::ptrdiff_t>(most - 1));
  first.push_back(fmt::format("and {} more", lines.size() - first.size()));
  return first;
}

void WriteList(std::string_view name, const std::vector<std::string>& lines, JsonWriter& json) {
  json.Key(name);
  json.Open('[');
  for (const std::string& line : FirstOf(lines, kMostLines)) json.String(line);
  json.Close();
}

std::string Summary(const std::vector<Problem>& problems) {
  std::string text = "not reloaded";
  if (!problems.empty()) text += ": " + ToString(problems.front());
  if (problems.size() > 1) text += fmt::format(" (and {} more)", problems.size() - 1);
  return text;
}

std::string AsJson(const ReloadReport& report) {
  JsonWriter json;
  json.Open('{');
  if (!report.applied) {
    json.Key("code");
    json.Number(static_cast<int>(Code::kInvalidArgument));
    json.Member("message", Summary(report.problems));
  }
  json.Key("reloaded");
  json.Bool(report.applied);
  if (!report.applied) WriteList("errors", TextsOf(report.problems), json);
  if (!report.breaking.empty()) WriteList("breaking", report.breaking, json);
  if (report.applied) WriteList("changes", report.changes, json);
  json.Close();
  return std::move(json).Finish();
}

void LogLines(spdlog::level::level_enum level, std::string_view what,
              const std::vector<std::string>& lines) {
  for (const std::string& line : FirstOf(lines, kMostLogLines)) {
    spdlog::log(level, "reload: {}{}", what, line);
  }
}

}  // namespace

Response ReloadResponse(const ReloadReport& report) {
  const int status = report.applied ? 200 : HttpStatusOf(Code::kInvalidArgument);
  return {status, "application/json", {{"Cache-Control", "no-store"}}, AsJson(report)};
}

void LogReload(const ReloadReport& report, std::string_view cause) {
  const std::size_t changes = report.changes.size() + report.breaking.size();
  if (!report.applied) {
    spdlog::error("reload ({}): refused, what was served before stays", cause);
  } else if (changes == 0) {
    spdlog::info("reload ({}): nothing changed", cause);
  } else {
    spdlog::info("reload ({}): {} changes", cause, changes);
  }
  LogLines(spdlog::level::err, "", TextsOf(report.problems));
  LogLines(spdlog::level::warn, "breaking: ", report.breaking);
  if (report.applied) LogLines(spdlog::level::info, "", report.changes);
}

}  // namespace puente
