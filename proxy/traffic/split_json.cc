#include "proxy/traffic/split_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string_view>

#include "config/duration_text.h"
#include "transcoder/json_text.h"

namespace puente {
namespace {

constexpr std::string_view kNextMember = ",\n  ";
constexpr std::string_view kNextInner = ", ";

void AppendKey(std::string_view key, std::string& out) {
  AppendJsonString(key, out);
  out += ": ";
}

void AppendString(std::string_view key, std::string_view value, std::string& out) {
  AppendKey(key, out);
  AppendJsonString(value, out);
}

template <class Number>
void AppendNumber(std::string_view key, Number value, std::string& out) {
  AppendKey(key, out);
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void AppendWeights(std::string_view key, const SplitState& split, const Weights& weights,
                   std::string& out) {
  AppendKey(key, out);
  out += '{';
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i != 0) out += kNextInner;
    AppendNumber(split.backends[i], weights[i], out);
  }
  out += '}';
}

// Never 0s: the weights have not gone back yet.
std::string TimeLeft(std::chrono::nanoseconds left) {
  return FormatDuration(
      std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(1)));
}

void AppendRollback(const RollbackNote& note, std::string& out) {
  AppendKey("last_rollback", out);
  out += '{';
  AppendString("reason", NameOf(note.reason), out);
  out += kNextInner;
  AppendString("message", note.message, out);
  out += kNextInner;
  const auto at = std::chrono::floor<std::chrono::seconds>(note.at);
  AppendString("at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", at), out);
  out += '}';
}

double ShareOf(const Weights& weights, std::size_t to) {
  const auto sum = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  return 100.0 * weights[to] / static_cast<double>(sum);
}

void AppendFigures(std::string_view key, const TrafficFigures& figures, std::string& out) {
  AppendKey(key, out);
  const double p95 = std::chrono::duration<double, std::milli>(figures.p95).count();
  fmt::format_to(std::back_inserter(out),
                 R"({{"requests": {}, "errors": {}, "error_rate": {:.6g}, "p95_ms": {:.6g}}})",
                 figures.requests, figures.errors, figures.ErrorRate(), p95);
}

void AppendRollout(const RolloutState& rollout, const Weights& weights, std::string& out) {
  AppendKey("rollout", out);
  out += '{';
  AppendString("state", NameOf(rollout.phase), out);
  out += kNextInner;
  AppendString("to", rollout.to, out);
  fmt::format_to(std::back_inserter(out), R"(, "share": {:.6g}, "step": {}, "steps": [{}])",
                 ShareOf(weights, rollout.to_index), rollout.step, fmt::join(rollout.steps, ", "));
  if (!rollout.held.empty()) {
    out += kNextInner;
    AppendString("held", rollout.held, out);
  }
  if (rollout.judged) {
    out += kNextInner;
    AppendKey("figures", out);
    out += '{';
    AppendFigures("to", rollout.judged->to, out);
    out += kNextInner;
    AppendFigures("others", rollout.judged->others, out);
    out += '}';
  }
  out += '}';
}

void AppendChange(const SplitState& split, std::string& out) {
  AppendString("source", NameOf(split.source), out);
  out += kNextMember;
  AppendString("why", split.why, out);
  out += kNextMember;
  AppendNumber("generation", split.generation, out);
  out += kNextMember;
  AppendString("etag", split.etag, out);
}

}  // namespace

std::string SplitAsJson(const SplitState& split, const RolloutState* rollout,
                        std::chrono::steady_clock::time_point now) {
  std::string json = "{";
  AppendString("name", split.name, json);
  json += kNextMember;
  AppendWeights("weights", split, split.weights, json);
  json += kNextMember;
  AppendChange(split, json);
  json += kNextMember;
  AppendWeights("file_weights", split, split.file_weights, json);
  if (split.expires) {
    json += kNextMember;
    AppendString("expires_in", TimeLeft(*split.expires - now), json);
  }
  if (split.last_rollback) {
    json += kNextMember;
    AppendRollback(*split.last_rollback, json);
  }
  if (rollout != nullptr) {
    json += kNextMember;
    AppendRollout(*rollout, split.weights, json);
  }
  json += "}\n";
  return json;
}

}  // namespace puente
