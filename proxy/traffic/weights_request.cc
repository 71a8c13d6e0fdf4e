#include "proxy/traffic/weights_request.h"

#include <fmt/format.h>

#include <set>

#include "config/duration_text.h"
#include "transcoder/json_scan.h"
#include "transcoder/number_text.h"
#include "transcoder/place.h"

namespace puente {
namespace {

using Kind = JsonScanner::Kind;
using Step = JsonScanner::Step;

constexpr int kDepth = 2;  // of the body
constexpr int kWeightBits = 32;

// Used once. Functions that return false have said why in `problem_`, or `scanner_` has.
class WeightsReader {
 public:
  explicit WeightsReader(std::string_view body) : scanner_(body, kDepth) {}

  Result<WeightsRequest> Read() {
    if (ReadBody() && scanner_.End() && HasWeights()) return std::move(request_);
    return puente::Fail(Code::kInvalidArgument, Problem());
  }

 private:
  bool ReadBody();
  bool ReadMember(std::string_view key);
  bool ReadWeights();
  bool ReadWeight(std::string_view upstream);
  bool ReadTtl();
  bool HasWeights() { return seen_.contains("weights") || Fail("weights: is missing"); }
  std::string Problem() const;

  bool Fail(std::string problem) {
    if (!scanner_.problem()) problem_ = std::move(problem);
    return false;
  }

  JsonScanner scanner_;
  WeightsRequest request_;
  std::string problem_;
  std::set<std::string_view> seen_;       // keys of the body
  std::set<std::string_view> upstreams_;  // keys of `weights`
};

bool WeightsReader::ReadBody() {
  if (!scanner_.EnterObject()) return false;
  std::string_view key;
  Step step = scanner_.NextKey(key);
  for (; step == Step::kNext; step = scanner_.NextKey(key)) {
    if (!ReadMember(key)) return false;
  }
  return step == Step::kEnd;
}

bool WeightsReader::ReadMember(std::string_view key) {
  if (key != "weights" && key != "ttl") {
    return Fail(fmt::format("{}: unknown key; expected `weights` and `ttl`",
                            IsPlainName(key) ? key : "body"));
  }
  if (!seen_.insert(key).second) return Fail(fmt::format("{}: is given twice", key));
  return key == "ttl" ? ReadTtl() : ReadWeights();
}

bool WeightsReader::ReadWeights() {
  if (scanner_.Peek() != Kind::kObject) {
    return Fail("weights: expected an object, such as {\"legacy\": 80, \"billing\": 20}");
  }
  if (!scanner_.EnterObject()) return false;
  std::string_view upstream;
  Step step = scanner_.NextKey(upstream);
  for (; step == Step::kNext; step = scanner_.NextKey(upstream)) {
    if (!ReadWeight(upstream)) return false;
  }
  return step == Step::kEnd;
}

bool WeightsReader::ReadWeight(std::string_view upstream) {
  const std::string key = WeightKey(upstream, request_.weights.size() + 1);
  if (!upstreams_.insert(upstream).second) return Fail(key + ": is given twice");
  std::string_view text;
  const bool is_number = scanner_.Peek() == Kind::kNumber && scanner_.Number(text);
  const auto weight = ParseUnsigned(text, kWeightBits);
  if (!is_number || !weight) return Fail(key + ": expected an integer from 0 to 4294967295");
  request_.weights.emplace_back(upstream, static_cast<std::uint32_t>(*weight));
  return true;
}

bool WeightsReader::ReadTtl() {
  std::string_view text;
  const bool is_string = scanner_.Peek() == Kind::kString && scanner_.String(text);
  request_.ttl = ParseDuration(text);
  if (!is_string || !request_.ttl) {
    return Fail("ttl: expected a duration, such as \"10m\" or \"90s\"");
  }
  return request_.ttl->count() > 0 || Fail("ttl: must be more than 0s");
}

std::string WeightsReader::Problem() const {
  const auto& syntax = scanner_.problem();
  if (!syntax) return problem_;
  return fmt::format("body: {} (line {}, column {})", syntax->text, syntax->line, syntax->column);
}

}  // namespace

Result<WeightsRequest> ParseWeightsRequest(std::string_view body) {
  return WeightsReader(body).Read();
}

std::string WeightKey(std::string_view upstream, std::size_t ordinal) {
  Place place;
  place.PushField("weights");
  place.PushKey(upstream, ordinal);
  return place.Text();
}

}  // namespace puente
