#include "tests/compat/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string_view>

namespace puente::test {
namespace {

constexpr char kReadme[] = "README.md";

// In one line of a table.
std::string Code(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "⏎";
    } else if (c == '|') {
      result += "\\|";
    } else {
      result += c;
    }
  }
  return fmt::format("`{}`", result);
}

std::string Requests(const std::vector<std::string>& requests) {
  if (requests.empty()) return "upstream sees nothing";
  std::vector<std::string> texts;
  for (const auto& text : requests) texts.push_back(text.empty() ? "an empty message" : Code(text));
  return fmt::format("upstream sees {}", fmt::join(texts, ", "));
}

void AddEntries(const Entries& entries, std::string_view place, std::vector<std::string>& parts) {
  for (const auto& [name, value] : entries) {
    parts.push_back(value ? fmt::format("{} {}", place, Code(name + ": " + *value))
                          : fmt::format("no {} {}", place, Code(name)));
  }
}

std::string Cell(const Outcome& outcome) {
  if (outcome.status == 0) return "does not load: " + Code(outcome.body_has.value_or(""));
  std::vector<std::string> parts;
  if (outcome.sees && (outcome.status < 300 || !outcome.sees->empty())) {
    parts.push_back(Requests(*outcome.sees));
  }
  AddEntries(outcome.metadata, "metadata", parts);
  AddEntries(outcome.headers, "header", parts);
  if (outcome.body) parts.push_back(outcome.body->empty() ? "empty body" : Code(*outcome.body));
  if (outcome.body_has) parts.push_back(fmt::format("says {}", Code(*outcome.body_has)));
  if (outcome.cut) parts.emplace_back("then the connection is cut");
  if (parts.empty()) return fmt::format("{}", outcome.status);
  return fmt::format("{}: {}", outcome.status, fmt::join(parts, "; "));
}

std::string Request(const CompatCase& item) {
  std::string text = fmt::format("{}<br>{}", item.name, Code(item.method + " " + item.target));
  for (const auto& [name, value] : item.headers) text += "<br>" + Code(name + ": " + value);
  if (!item.body.empty()) text += "<br>" + Code(item.body);
  return text;
}

std::string WhyCell(std::string why) {
  std::ranges::replace(why, '\n', ' ');
  why.erase(why.find_last_not_of(' ') + 1);
  return why;
}

std::string Differences(const Theme& theme) {
  std::string text = fmt::format(
      "### {}\n\n| request | Puente | Envoy | grpc-gateway | why |\n|---|---|---|---|---|\n",
      theme.name);
  for (const CompatCase& item : theme.cases) {
    if (item.AllAgree()) continue;
    text += fmt::format("| {} |", Request(item));
    for (const Product product : kProducts) text += fmt::format(" {} |", Cell(item.Of(product)));
    text += fmt::format(" {} |\n", WhyCell(item.why));
  }
  return text + "\n";
}

std::string Agreements(const std::vector<Theme>& themes) {
  std::string text = "| request | all three |\n|---|---|\n";
  for (const Theme& theme : themes) {
    for (const CompatCase& item : theme.cases) {
      if (!item.AllAgree()) continue;
      text += fmt::format("| {} | {} |\n", Request(item), Cell(item.Of(Product::kPuente)));
    }
  }
  return text;
}

// Which of the differences from `product` a setting takes away, by setting.
std::string Settings(const std::vector<Theme>& themes, Product product) {
  std::map<std::string, std::vector<std::string>> names;
  for (const Theme& theme : themes) {
    for (const CompatCase& item : theme.cases) {
      const std::string& setting = item.SettingFor(product);
      if (!setting.empty()) names[setting].push_back(item.name);
    }
  }
  std::string text = fmt::format("| in `transcoding` | as {} for |\n|---|---|\n", NameOf(product));
  for (const auto& [setting, cases] : names) {
    text += fmt::format("| `{}` | {} |\n", setting, fmt::join(cases, "; "));
  }
  return text;
}

// `text` with what stands between the marks called `name` replaced.
std::string Replaced(const std::string& text, std::string_view name, const std::string& content) {
  const std::string begin_mark = fmt::format("<!-- {} -->\n", name);
  const std::string end_mark = fmt::format("<!-- end of {} -->\n", name);
  const auto begin = text.find(begin_mark);
  const auto end = text.find(end_mark);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    throw std::runtime_error(fmt::format("{} lacks {} or {}", kReadme, begin_mark, end_mark));
  }
  return text.substr(0, begin + begin_mark.size()) + content + text.substr(end);
}

}  // namespace

std::string ReadCompatFile(const std::string& name) {
  std::ifstream input(std::filesystem::path(PUENTE_COMPAT_FOLDER) / name);
  return {std::istreambuf_iterator<char>(input), {}};
}

std::string ReadReadme() { return ReadCompatFile(kReadme); }

void WriteReadme(const std::string& text) {
  std::ofstream(std::filesystem::path(PUENTE_COMPAT_FOLDER) / kReadme) << text;
}

std::string ReadmeWithTables(const std::string& readme, const std::vector<Theme>& themes) {
  std::string differences;
  for (const Theme& theme : themes) differences += Differences(theme);
  std::string text = Replaced(readme, "differences", "\n" + differences);
  text = Replaced(text, "agreements", "\n" + Agreements(themes) + "\n");
  text = Replaced(text, "as envoy", "\n" + Settings(themes, Product::kEnvoy) + "\n");
  return Replaced(text, "as grpc-gateway", "\n" + Settings(themes, Product::kGrpcGateway) + "\n");
}

}  // namespace puente::test
