#include "tests/compat/compat_case.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <set>
#include <stdexcept>

namespace puente::test {
namespace {

// A node with the file that it stands in.
class Reader {
 public:
  Reader(std::string file, YAML::Node node) : file_(std::move(file)), node_(std::move(node)) {}

  std::string Where() const { return fmt::format("{}:{}", file_, node_.Mark().line + 1); }
  [[noreturn]] void Fail(const std::string& problem) const {
    throw std::runtime_error(Where() + ": " + problem);
  }
  void AllowKeys(const std::set<std::string>& keys) const {
    if (!node_.IsMap()) Fail("is no map");
    for (const auto& entry : node_) {
      const auto key = entry.first.as<std::string>();
      if (!keys.contains(key)) Fail("unknown key " + key);
    }
  }
  bool Has(const std::string& key) const { return node_[key].IsDefined(); }
  Reader At(const std::string& key) const {
    if (!Has(key)) Fail("has no " + key);
    return {file_, node_[key]};
  }
  std::string Text() const {
    if (!node_.IsScalar()) Fail("is no text");
    return node_.as<std::string>();
  }
  std::string Text(const std::string& key) const { return Has(key) ? At(key).Text() : ""; }
  std::optional<std::string> MaybeText(const std::string& key) const {
    return Has(key) ? std::optional(At(key).Text()) : std::nullopt;
  }
  int Number() const {
    const std::string text = Text();
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) Fail("is no number");
    return number;
  }
  bool IsMap() const { return node_.IsMap(); }
  std::vector<Reader> Items() const {
    std::vector<Reader> items;
    for (const auto& item : node_) items.emplace_back(file_, item);
    return items;
  }
  // A list of texts, or one text.
  std::vector<std::string> Texts() const {
    if (node_.IsScalar()) return {Text()};
    std::vector<std::string> texts;
    for (const Reader& item : Items()) texts.push_back(item.Text());
    return texts;
  }
  Entries EntriesAt(const std::string& key) const {
    Entries entries;
    if (!Has(key)) return entries;
    for (const auto& entry : node_[key]) {
      std::optional<std::string> value;
      if (!entry.second.IsNull()) value = entry.second.as<std::string>();
      entries.emplace_back(entry.first.as<std::string>(), std::move(value));
    }
    return entries;
  }
  std::vector<std::pair<std::string, std::string>> Pairs(const std::string& key) const {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (auto& [name, value] : EntriesAt(key)) pairs.emplace_back(name, value.value_or(""));
    return pairs;
  }

 private:
  std::string file_;
  YAML::Node node_;
};

UpstreamReply ReplyFrom(const Reader& node) {
  UpstreamReply reply;
  if (!node.IsMap()) {
    reply.messages = node.Texts();
    return reply;
  }
  node.AllowKeys({"messages", "code", "message", "details", "initial", "trailing"});
  if (node.Has("messages")) reply.messages = node.At("messages").Texts();
  if (node.Has("code")) reply.code = node.At("code").Number();
  reply.message = node.Text("message");
  reply.details = node.Text("details");
  reply.initial = node.Pairs("initial");
  reply.trailing = node.Pairs("trailing");
  return reply;
}

Outcome OutcomeFrom(const Reader& node) {
  Outcome outcome;
  if (node.Has("refusal")) {
    node.AllowKeys({"refusal"});
    outcome.body_has = node.Text("refusal");
    return outcome;
  }
  node.AllowKeys({"status", "body", "body_has", "sees", "headers", "metadata", "cut"});
  outcome.status = node.At("status").Number();
  outcome.body = node.MaybeText("body");
  outcome.body_has = node.MaybeText("body_has");
  if (node.Has("sees")) outcome.sees = node.At("sees").Texts();
  outcome.headers = node.EntriesAt("headers");
  outcome.metadata = node.EntriesAt("metadata");
  outcome.cut = node.Text("cut") == "true";
  return outcome;
}

CompatCase CaseFrom(const Reader& node) {
  node.AllowKeys({"name", "service", "send", "headers", "body", "reply", "all", "puente", "envoy",
                  "as_envoy", "as_grpc_gateway", "grpc_gateway", "why"});
  CompatCase result;
  result.where = node.Where();
  result.name = node.At("name").Text();
  if (node.Has("service")) result.service = node.Text("service");
  const std::string send = node.At("send").Text();
  result.method = send.substr(0, send.find(' '));
  result.target = send.substr(send.find(' ') + 1);
  result.headers = node.Pairs("headers");
  result.body = node.Text("body");
  if (node.Has("reply")) result.reply = ReplyFrom(node.At("reply"));
  for (const Product product : kProducts) {
    const std::string key = node.Has(KeyOf(product)) ? KeyOf(product) : "all";
    result.outcomes[static_cast<std::size_t>(product)] = OutcomeFrom(node.At(key));
    result.settings[static_cast<std::size_t>(product)] = node.Text("as_" + KeyOf(product));
  }
  result.why = node.Text("why");
  if (result.AllAgree() != result.why.empty()) {
    node.Fail("a case has a why where the outcomes differ, and only there");
  }
  return result;
}

YAML::Node Parse(const std::filesystem::path& file) {
  try {
    return YAML::LoadFile(file);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", file.filename().string(), error.what()));
  }
}

Theme ThemeFrom(const std::filesystem::path& file) {
  const Reader root(file.filename(), Parse(file));
  root.AllowKeys({"theme", "cases"});
  Theme theme{root.At("theme").Text(), {}};
  for (const Reader& item : root.At("cases").Items()) theme.cases.push_back(CaseFrom(item));
  return theme;
}

}  // namespace

std::string NameOf(Product product) {
  return std::array{"Puente", "Envoy", "grpc-gateway"}[static_cast<std::size_t>(product)];
}

std::string KeyOf(Product product) {
  return std::array{"puente", "envoy", "grpc_gateway"}[static_cast<std::size_t>(product)];
}

void PrintTo(const CompatCase& compat_case, std::ostream* out) {
  *out << compat_case.where << ": " << compat_case.name;
}

std::string TestNameOf(const CompatCase& compat_case) {
  std::string name = compat_case.name;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

std::vector<Theme> LoadThemes() {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PUENTE_COMPAT_FOLDER "/cases")) {
    files.insert(entry.path());
  }
  std::vector<Theme> themes;
  for (const auto& file : files) themes.push_back(ThemeFrom(file));
  return themes;
}

std::vector<CompatCase> LoadCases() {
  std::vector<CompatCase> cases;
  for (const Theme& theme : LoadThemes()) {
    cases.insert(cases.end(), theme.cases.begin(), theme.cases.end());
  }
  return cases;
}

}  // namespace puente::test
