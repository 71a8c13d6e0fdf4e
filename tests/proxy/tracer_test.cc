#include "proxy/telemetry/tracing/tracer.h"

#include <gmock/gmock.h>
#include <prometheus/counter.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/telemetry/tracing/sampler.h"
#include "transcoder/hex.h"

namespace puente {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Pair;
using testing::SizeIs;
using Kind = SamplerSettings::Kind;

constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kUnsampledParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

TraceId RandomLooking(std::uint64_t number) {
  TraceId id{1};
  number *= 0x9e3779b97f4a7c15;
  for (std::size_t i = 0; i < 8; ++i) id[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

TEST(Sampler, FollowsTheParentOrTheRatio) {
  const struct {
    Kind kind;
    bool without_parent, sampled_parent, unsampled_parent;
  } cases[] = {
      {Kind::kAlwaysOn, true, true, true},
      {Kind::kAlwaysOff, false, false, false},
      {Kind::kTraceIdRatio, false, false, false},
      {Kind::kParentBasedAlwaysOn, true, true, false},
      {Kind::kParentBasedAlwaysOff, false, true, false},
      {Kind::kParentBasedTraceIdRatio, false, true, false},
  };
  for (const auto& c : cases) {
    const SamplerSettings settings{c.kind, /*ratio=*/0};
    EXPECT_EQ(IsSampled(settings, std::nullopt, RandomLooking(1)), c.without_parent);
    EXPECT_EQ(IsSampled(settings, true, RandomLooking(1)), c.sampled_parent);
    EXPECT_EQ(IsSampled(settings, false, RandomLooking(1)), c.unsampled_parent);
  }
}

TEST(Sampler, KeepsTheShareOfTracesThatItsRatioSays) {
  for (const double ratio : {0.0, 0.1, 0.5, 1.0}) {
    int kept = 0;
    for (std::uint64_t i = 0; i < 10000; ++i) {
      kept += IsSampled({Kind::kTraceIdRatio, ratio}, std::nullopt, RandomLooking(i)) ? 1 : 0;
    }
    EXPECT_NEAR(kept, 10000 * ratio, 200) << ratio;
  }
  TraceId lowest{1};
  TraceId highest;
  highest.fill(0xff);
  EXPECT_FALSE(IsSampled({Kind::kTraceIdRatio, 0}, std::nullopt, lowest));
  EXPECT_TRUE(IsSampled({Kind::kTraceIdRatio, 1e-9}, std::nullopt, lowest));
  EXPECT_TRUE(IsSampled({Kind::kTraceIdRatio, 1}, std::nullopt, highest));
}

// Keeps what it is given.
class Collector final : public SpanExporter {
 public:
  explicit Collector(std::vector<Span>& spans) : spans_(spans) {}
  ExportResult Export(std::span<const Span> spans) override {
    spans_.insert(spans_.end(), spans.begin(), spans.end());
    return {};
  }
  void Cancel() override {}

 private:
  std::vector<Span>& spans_;
};

class TracerTest : public testing::Test {
 protected:
  RequestTrace Begin(const std::vector<HeaderView>& headers) {
    return RequestTrace(tracer_, headers);
  }
  void MakeSpans() {
    processor_ =
        std::make_unique<SpanProcessor>(std::make_unique<Collector>(spans_), BatchSettings{},
                                        SpanCounters{counter_, counter_, counter_}, "test");
    tracer_.spans = &processor_->AddBuffer();
  }
  // After the processor's end.
  const std::vector<Span>& Exported() {
    processor_.reset();
    return spans_;
  }

  Tracer tracer_{.options = {.propagators = {.trace_context = true}}};

 private:
  prometheus::Counter counter_;
  std::vector<Span> spans_;
  std::unique_ptr<SpanProcessor> processor_;
};

std::vector<std::pair<std::string, std::string>> Pairs(const std::vector<Header>& headers) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Header& header : headers) pairs.emplace_back(header.name, header.value);
  return pairs;
}

TEST_F(TracerTest, WithoutSpansAClientsTraceGoesOnAsItCame) {
  RequestTrace trace = Begin({{"traceparent", kUnsampledParent}, {"tracestate", "a=b"}});
  EXPECT_EQ(trace.trace_id(), kTraceId);
  EXPECT_THAT(trace.BeginCall(), IsEmpty());
  EXPECT_FALSE(trace.recording());
}

TEST_F(TracerTest, WithoutSpansANewTraceIsSampled) {
  std::set<std::string> ids;
  for (const char* bad :
       {"", "garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}) {
    RequestTrace trace = Begin({{"traceparent", bad}});
    EXPECT_THAT(Pairs(trace.BeginCall()),
                ElementsAre(Pair("traceparent", MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"))));
    ids.emplace(trace.trace_id());
  }
  EXPECT_THAT(ids, SizeIs(3));
}

TEST_F(TracerTest, SmallRatiosAreKeptOfTracesThatBeginHere) {
  tracer_.options.sampler = {Kind::kParentBasedTraceIdRatio, 0.002};
  MakeSpans();
  int kept = 0;
  for (int i = 0; i < 100'000; ++i) kept += Begin({}).recording() ? 1 : 0;
  EXPECT_NEAR(kept, 200, 80);
}

TEST_F(TracerTest, SpansStandBetweenClientAndUpstream) {
  MakeSpans();
  RequestTrace trace = Begin({{"traceparent", kParent}, {"tracestate", "a=b"}});
  ASSERT_TRUE(trace.recording());
  const auto headers = Pairs(trace.BeginCall());
  const Span call = trace.CallSpan(std::chrono::milliseconds(3));
  const Span server = trace.ServerSpan(std::chrono::milliseconds(5));
  EXPECT_EQ(ToHex(server.trace_id), kTraceId);
  EXPECT_EQ(ToHex(server.parent_id), "00f067aa0ba902b7");
  EXPECT_TRUE(server.parent_is_remote);
  EXPECT_EQ(server.trace_state, "a=b");
  EXPECT_EQ(call.trace_id, server.trace_id);
  EXPECT_EQ(call.parent_id, server.id);
  EXPECT_FALSE(call.parent_is_remote);
  EXPECT_EQ(call.end - call.start, std::chrono::milliseconds(3));
  EXPECT_THAT(headers, ElementsAre(Pair("traceparent", std::string("00-") + kTraceId + "-" +
                                                           ToHex(call.id) + "-01"),
                                   Pair("tracestate", "a=b")));
}

TEST_F(TracerTest, EveryAttemptHasASpanOfItsOwn) {
  MakeSpans();
  RequestTrace trace = Begin({});
  const auto first = Pairs(trace.BeginCall());
  const Span first_span = trace.CallSpan({});
  const auto second = Pairs(trace.BeginCall());
  const Span second_span = trace.CallSpan({});
  EXPECT_NE(first_span.id, second_span.id);
  EXPECT_EQ(first_span.parent_id, second_span.parent_id);
  EXPECT_NE(first, second);
}

TEST_F(TracerTest, WhatIsNotSampledIsPassedOnSo) {
  MakeSpans();
  RequestTrace trace = Begin({{"traceparent", kUnsampledParent}});
  EXPECT_FALSE(trace.recording());
  EXPECT_EQ(trace.sampled_trace(), nullptr);
  EXPECT_THAT(Pairs(trace.BeginCall()),
              ElementsAre(Pair("traceparent",
                               MatchesRegex(std::string("00-") + kTraceId + "-[0-9a-f]{16}-00"))));
  trace.NoteMessage(RequestTrace::Direction::kSent, 1);
  EXPECT_THAT(Exported(), IsEmpty());
}

TEST_F(TracerTest, MessagesAreEventsUpToTheLimit) {
  tracer_.options.max_events = 3;
  MakeSpans();
  RequestTrace trace = Begin({});
  for (int i = 0; i < 2; ++i) {
    trace.NoteMessage(RequestTrace::Direction::kSent, 10);
    trace.NoteMessage(RequestTrace::Direction::kReceived, 20);
  }
  trace.BeginCall();
  trace.Export(trace.CallSpan({}));
  const auto& spans = Exported();
  ASSERT_THAT(spans, SizeIs(1));
  ASSERT_THAT(spans[0].events, SizeIs(3));
  EXPECT_EQ(spans[0].dropped_events, 1u);
  const auto& attributes = spans[0].events[1].attributes;
  ASSERT_THAT(attributes, SizeIs(3));
  EXPECT_EQ(std::get<std::string>(attributes[0].value), "RECEIVED");
  EXPECT_EQ(std::get<std::int64_t>(attributes[1].value), 1);
  EXPECT_EQ(std::get<std::int64_t>(attributes[2].value), 20);
}

TEST_F(TracerTest, B3IsReadAndWrittenWhenAskedFor) {
  tracer_.options.propagators = {.b3 = true, .b3_multi = true};
  MakeSpans();
  RequestTrace trace = Begin({{"b3", std::string_view("a3ce929d0e0e4736-00f067aa0ba902b7-d")}});
  const auto headers = Pairs(trace.BeginCall());
  const Span call = trace.CallSpan({});
  const std::string id = "0000000000000000a3ce929d0e0e4736";
  EXPECT_EQ(trace.trace_id(), id);
  EXPECT_THAT(headers,
              ElementsAre(Pair("b3", id + "-" + ToHex(call.id) + "-d"), Pair("x-b3-traceid", id),
                          Pair("x-b3-spanid", ToHex(call.id)), Pair("x-b3-flags", "1")));
}

TEST_F(TracerTest, AClientThatDeclinesSpansHasNone) {
  tracer_.options.propagators = {.b3 = true};
  MakeSpans();
  RequestTrace trace = Begin({{"b3", "0"}});
  EXPECT_FALSE(trace.recording());
  EXPECT_THAT(Pairs(trace.BeginCall()), ElementsAre(Pair("b3", testing::EndsWith("-0"))));
}

TEST_F(TracerTest, WithoutPropagatorsNothingIsReadOrWritten) {
  tracer_.options.propagators = {};
  RequestTrace trace = Begin({{"traceparent", kParent}});
  EXPECT_NE(trace.trace_id(), kTraceId);
  EXPECT_THAT(trace.BeginCall(), IsEmpty());
}

}  // namespace
}  // namespace puente
