#include "examples/services/fault_control.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "examples/services/legacy_json_writer.h"

namespace puente::examples {
namespace {

constexpr int kMaxPercent = 100;

// The two words of a parameter, the one that holds without it first.
template <class T>
using Words = std::array<std::pair<std::string_view, T>, 2>;

constexpr Words<FailWith> kFailures = {
    {{"internal", FailWith::kInternal}, {"unavailable", FailWith::kUnavailable}}};
constexpr Words<FaultOrder::Service> kServices = {
    {{"grpc", FaultOrder::Service::kGrpc}, {"legacy", FaultOrder::Service::kLegacy}}};
constexpr Words<bool> kBools = {{{"false", false}, {"true", true}}};

// Caught in ReadFaultOrder alone.
struct WrongParameter {
  std::string message;
};

int ReadNumber(const LegacyTarget& target, std::string_view name, int most) {
  const std::string text = target.Parameter(name).value_or("0");
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 0 || number > most) {
    throw WrongParameter{fmt::format("{} must be a number from 0 to {}", name, most)};
  }
  return number;
}

// The value whose word is given, or the first when nothing is.
template <class T>
T ReadWord(const LegacyTarget& target, std::string_view name, const Words<T>& words) {
  const auto given = target.Parameter(name);
  if (!given) return words[0].second;
  for (const auto& [word, value] : words) {
    if (word == *given) return value;
  }
  throw WrongParameter{
      fmt::format("{} must be one of {}, {}", name, words[0].first, words[1].first)};
}

void Write(const FaultPlan& plan, LegacyJsonWriter& json) {
  const bool internal = plan.fail_with == FailWith::kInternal;
  json.BeginObject();
  json.Key("fail_percent").Number(std::int64_t{plan.fail_percent});
  json.Key("fail_with").Text(internal ? "internal" : "unavailable");
  json.Key("delay_ms").Number(std::int64_t{plan.delay.count()});
  json.Key("plant_difference").Bool(plan.plant_difference);
  json.EndObject();
}

}  // namespace

tl::expected<FaultOrder, std::string> ReadFaultOrder(const LegacyTarget& target) {
  if (!target.Parameter("service")) return tl::unexpected<std::string>("service must be given");
  try {
    FaultOrder order;
    order.service = ReadWord(target, "service", kServices);
    order.plan.fail_percent = ReadNumber(target, "fail_percent", kMaxPercent);
    order.plan.fail_with = ReadWord(target, "fail_with", kFailures);
    order.plan.delay =
        std::chrono::milliseconds(ReadNumber(target, "delay_ms", int{kMaxFaultDelay.count()}));
    order.plan.plant_difference = ReadWord(target, "plant_difference", kBools);
    return order;
  } catch (const WrongParameter& wrong) {
    return tl::unexpected(wrong.message);
  }
}

std::string FaultsJson(const FaultPlan& grpc, const FaultPlan& legacy) {
  LegacyJsonWriter json(LegacyJsonLayout::kPretty);
  json.BeginObject();
  json.Key("grpc");
  Write(grpc, json);
  json.Key("legacy");
  Write(legacy, json);
  json.EndObject();
  return std::move(json).Take() + "\n";
}

}  // namespace puente::examples
