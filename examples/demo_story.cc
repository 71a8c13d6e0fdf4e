#include "examples/demo_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "examples/json_subset.h"
#include "examples/shell.h"

namespace puente::examples {
namespace {

using std::chrono::milliseconds;
using Check = std::function<std::optional<std::string>(const std::string&)>;
using Callers = std::set<std::string>;

constexpr auto kBetweenTries = milliseconds(100);
// Until a copy of a request has been answered, or a file was seen to change.
constexpr auto kSoon = milliseconds(8000);
// Until a rollout has taken a step, or a breaker lets a call through.
constexpr auto kAWhile = milliseconds(30'000);

// The output is JSON that says at least `json`.
Check Says(std::string json) {
  return [json = std::move(json)](const std::string& output) {
    return FindJsonDifference(json, output);
  };
}

Check Prints(std::initializer_list<std::string> texts) {
  return [texts = std::vector<std::string>(texts)](
             const std::string& output) -> std::optional<std::string> {
    for (const std::string& text : texts) {
      if (output.find(text) == std::string::npos) return fmt::format("'{}' is not there", text);
    }
    return std::nullopt;
  };
}

// The callers of a line like "u-1: billing".
Callers CallersOfBilling(const std::string& output) {
  Callers callers;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": billing");
    if (colon != std::string::npos) callers.insert(line.substr(0, colon));
  }
  return callers;
}

class Story {
 public:
  explicit Story(StoryPlaces places)
      : places_(std::move(places)),
        split_(places_.admin + "/splits/billing-migration"),
        invoice_(places_.proxy + "/v1/invoices/inv-1001") {}

  std::vector<StoryStep> Steps() && {
    TellOfBothSides();
    TellOfTheShadow();
    TellOfTheSplit();
    TellOfTheBreaker();
    TellOfTheRollout();
    return std::move(steps_);
  }

 private:
  void Add(std::string title, std::string lines, Check check, milliseconds patience = {}) {
    steps_.push_back({std::move(title), std::move(lines), std::move(check), patience});
  }

  std::string Get(std::string_view url) const { return fmt::format("curl -s '{}'", url); }
  std::string Weights(int legacy, int billing) const {
    return fmt::format(R"(curl -s -X PUT '{}' -d '{{"weights": {{"legacy": {}, "billing": {}}}}}')",
                       split_, legacy, billing);
  }
  // Without more words: as it should be.
  std::string Faults(std::string_view more = "") const {
    return fmt::format("curl -s -o /dev/null -X POST '{}/demo/faults?service=grpc{}'",
                       places_.legacy, more);
  }
  // `times` requests, by one curl: what follows '#' is not sent.
  std::string Requests(int times, std::string_view more = "") const {
    return fmt::format("curl -s -o /dev/null {}'{}#[1-{}]'", more, invoice_, times);
  }
  // Half a minute of it at most.
  std::string TrafficUntil(std::string_view sign) const {
    return fmt::format("for i in $(seq 300); do {}; {} | grep -q '{}' && break; sleep 0.1; done",
                       Requests(20), Get(split_), sign);
  }

  void TellOfBothSides() {
    Add("The legacy service answers: names in snake_case", Get(invoice_),
        Says(R"({"id": "inv-1001", "customer_id": "c-1"})"));
    Add("The gRPC service, transcoded, under the same URL: a header of the split asks for it",
        fmt::format("{} -H 'x-puente-upstream: billing'", Get(invoice_)),
        Says(R"({"id": "inv-1001", "customerId": "c-1", "status": "STATUS_PAID"})"));
    Add("A page that no descriptor knows stays with the legacy service",
        Get(places_.proxy + "/legacy/reports/2025?format=csv"), Prints({"inv-1001"}));
  }

  void TellOfTheShadow() {
    const std::string report = Get(split_ + "/differences");
    Add(
        "Each GET went to the gRPC service, too: the two spell their JSON differently, and say the "
        "same",
        report,
        [](const std::string& output) -> std::optional<std::string> {
          if (output.find("\"compared\": 0") != std::string::npos) return "nothing was compared";
          return FindJsonDifference(R"({"mismatched": 0, "differences": []})", output);
        },
        kSoon);
    Add("Plant a mistake in the gRPC service: clients see nothing of it, the report names the "
        "field",
        fmt::format("{}\n{}\n{}", Faults("&plant_difference=true"),
                    Get(places_.proxy + "/v1/invoices/inv-1003"), report),
        Prints({"\"customer_id\"", R"("path": "lines[].quantity")"}), kSoon);
    Add("Mend it", fmt::format("{}\n{}", Faults(), Get(places_.legacy + "/demo/faults")),
        Prints({R"("plant_difference": false)"}));
  }

  void TellOfTheSplit() {
    const std::string callers = fmt::format(
        "for i in 1 2 3 4 5 6 7 8 9; do\n"
        "  {} -H \"x-user-id: u-$i\" | grep -q customerId && echo \"u-$i: billing\" || echo "
        "\"u-$i: "
        "legacy\"\n"
        "done",
        Get(invoice_));
    // Of the first time that they were asked.
    const auto before = std::make_shared<Callers>();
    Add("Shift weights", Weights(60, 40),
        Says(R"({"weights": {"legacy": 60, "billing": 40}, "source": "ADMIN"})"));
    Add("Each caller has a side of its own, however often it calls", callers,
        [before](const std::string& output) -> std::optional<std::string> {
          *before = CallersOfBilling(output);
          return before->empty() ? std::optional("nobody is at billing") : std::nullopt;
        });
    Add("Shift more: who was at billing stays there, others follow",
        fmt::format("{}\n{}", Weights(20, 80), callers),
        [before](const std::string& output) -> std::optional<std::string> {
          const Callers now = CallersOfBilling(output);
          if (now.size() <= before->size()) return "nobody has moved";
          return std::ranges::includes(now, *before) ? std::nullopt
                                                     : std::optional("somebody has moved back");
        });
    Add("Roll back: one request, and nobody is at billing", RollBack(), RolledBack("manual"));
  }

  std::string RollBack() const { return fmt::format("curl -s -X POST '{}/rollback'", split_); }
  static Check RolledBack(std::string_view reason) {
    return Says(fmt::format(R"({{"weights": {{"legacy": 100, "billing": 0}}, "source": "ROLLBACK",
                                 "last_rollback": {{"reason": "{}"}}}})",
                            reason));
  }

  void TellOfTheBreaker() {
    const std::string metrics = fmt::format(
        "curl -s '{}/metrics' | grep -E "
        "'^puente_(circuit_breaker_state|fallbacks_total).*upstream=\"billing\"'",
        places_.admin);
    Add("The gRPC service has all calls, and is gone: after five failures the breaker opens, and "
        "the "
        "legacy service answers",
        fmt::format("{}\n{}\n{}\necho\n{}", Weights(0, 100),
                    Faults("&fail_percent=100&fail_with=unavailable"),
                    Requests(10, "-w '%{http_code} ' "), metrics),
        Prints({" 200 200 200 \n", R"(puente_circuit_breaker_state{upstream="billing"} 1)"}));
    Add("It is back: the next call after two seconds finds that out",
        fmt::format("{}\nsleep 2\n{}\n{}", Faults(), Get(invoice_), metrics),
        Prints({"\"customerId\"", R"(puente_circuit_breaker_state{upstream="billing"} 0)"}),
        kAWhile);
  }

  void TellOfTheRollout() {
    Add("Let the proxy do it: edit its configuration, which is read again at once",
        fmt::format("sed -i 's/# rollout:/rollout:/' '{}'\n{}", places_.config, Get(split_)),
        Says(R"({"source": "ROLLOUT", "rollout": {"state": "RUNNING", "share": 20}})"), kSoon);
    Add("With traffic it takes a step after some seconds; without, it would wait",
        fmt::format("{}\n{}", TrafficUntil("\"step\": 2"), Get(split_)), Prints({"\"step\": 2"}));
    Add("Half of the gRPC service's answers are errors: it is at weight 0 before long",
        fmt::format("{}\n{}\n{}", Faults("&fail_percent=50"), TrafficUntil("ROLLED_BACK"),
                    Get(split_)),
        [](const std::string& output) -> std::optional<std::string> {
          if (const auto difference = RolledBack("error_rate")(output)) return difference;
          return FindJsonDifference(R"({"rollout": {"state": "ROLLED_BACK"}})", output);
        });
    Add(
        "As it was",
        fmt::format("{}\nsed -i 's/  rollout:/  # rollout:/' '{}'\n{}", Faults(), places_.config,
                    Get(split_)),
        [](const std::string& output) -> std::optional<std::string> {
          const bool goes_on = output.find("\"rollout\":") != std::string::npos;
          if (goes_on) return "the rollout is still there";
          return FindJsonDifference(R"({"weights": {"legacy": 100, "billing": 0}})", output);
        },
        kSoon);
  }

  const StoryPlaces places_;
  const std::string split_;
  const std::string invoice_;
  std::vector<StoryStep> steps_;
};

}  // namespace

std::vector<StoryStep> MigrationStory(const StoryPlaces& places) { return Story(places).Steps(); }

std::optional<std::string> Play(const StoryStep& step, std::string& output) {
  const auto give_up = std::chrono::steady_clock::now() + step.patience;
  for (;;) {
    output = RunInShell(step.lines);
    auto wrong = step.check(output);
    if (!wrong || std::chrono::steady_clock::now() >= give_up) return wrong;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

}  // namespace puente::examples
