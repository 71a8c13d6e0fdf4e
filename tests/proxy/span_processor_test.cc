#include "proxy/telemetry/tracing/span_processor.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>

#include "proxy/telemetry/tracing/make_span_exporter.h"
#include "tests/proxy/logged_lines.h"
#include "tests/proxy/sample_span.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/wait_until.h"

namespace puente {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using test::LoggedLines;
using test::SampleSpan;
using test::WaitUntil;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

// What the exporters of a test have in common, and outlives them.
class Collector {
 public:
  std::vector<std::size_t> Batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<std::string> Names() const {
    const std::lock_guard lock(mutex_);
    return names_;
  }
  // Exports hang until Release, or until they are cancelled.
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  void AnswerWith(ExportResult result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
  }

  void Throw(std::string what) {
    const std::lock_guard lock(mutex_);
    thrown_ = std::move(what);
  }

  ExportResult Take(std::span<const Span> spans) {
    std::unique_lock lock(mutex_);
    if (!thrown_.empty()) throw std::length_error(std::exchange(thrown_, {}));
    batches_.push_back(spans.size());
    for (const Span& span : spans) names_.push_back(span.name);
    changed_.wait(lock, [this] { return !held_ || cancelled_; });
    return cancelled_ ? ExportResult{spans.size(), "cancelled"} : result_;
  }
  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }

 private:
  std::string thrown_;  // by the next Take
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool cancelled_ = false;
  ExportResult result_;
  std::vector<std::size_t> batches_;
  std::vector<std::string> names_;
};

class RecordingExporter final : public SpanExporter {
 public:
  explicit RecordingExporter(Collector& collector) : collector_(collector) {}
  ExportResult Export(std::span<const Span> spans) override { return collector_.Take(spans); }
  void Cancel() override { collector_.Cancel(); }

 private:
  Collector& collector_;
};

// A processor with the settings that a test chooses.
class SpanProcessorTest : public testing::Test {
 protected:
  void Open(const BatchSettings& settings, std::chrono::milliseconds flush_time = 5s) {
    processor_.emplace(std::make_unique<RecordingExporter>(collector_), settings, counters_,
                       "http://collector:4317", flush_time);
  }
  void Close() { processor_.reset(); }
  static void Add(SpanBuffer& buffer, int count) {
    for (int i = 0; i < count; ++i) buffer.Add(SampleSpan(std::to_string(i)));
  }
  bool WaitForBatches(std::size_t count) {
    return WaitUntil([&] { return collector_.Batches().size() >= count; });
  }

  Collector collector_;
  prometheus::Counter exported_;
  prometheus::Counter queue_full_;
  prometheus::Counter failed_;
  const SpanCounters counters_{exported_, queue_full_, failed_};
  std::optional<SpanProcessor> processor_;
};

TEST_F(SpanProcessorTest, SpansGoWhenTheirTimeHasCome) {
  Open({.schedule_delay = 50ms, .max_queue_size = 100, .max_batch_size = 10});
  SpanBuffer& buffer = processor_->AddBuffer();
  const auto begin = Clock::now();
  Add(buffer, 3);
  ASSERT_TRUE(WaitUntil([&] { return exported_.Value() == 3; }));
  EXPECT_LT(Clock::now() - begin, 2s);
  EXPECT_THAT(collector_.Names(), ElementsAre("0", "1", "2"));
}

TEST_F(SpanProcessorTest, AFullBatchGoesAtOnceAndTheRestWaits) {
  Open({.schedule_delay = 1h, .max_queue_size = 100, .max_batch_size = 10});
  SpanBuffer& one = processor_->AddBuffer();
  SpanBuffer& another = processor_->AddBuffer();
  Add(one, 9);
  Add(another, 1);
  ASSERT_TRUE(WaitForBatches(1));
  Add(one, 3);
  Close();
  EXPECT_THAT(collector_.Batches(), ElementsAre(10, 3));
  EXPECT_EQ(exported_.Value(), 13);
}

TEST_F(SpanProcessorTest, BatchesThatFillUpDuringAnExportAreNotForgotten) {
  Open({.schedule_delay = 1h, .max_queue_size = 100, .max_batch_size = 10});
  SpanBuffer& buffer = processor_->AddBuffer();
  collector_.Hold();
  Add(buffer, 10);
  ASSERT_TRUE(WaitForBatches(1));
  Add(buffer, 35);
  collector_.Release();
  ASSERT_TRUE(WaitForBatches(4));
  EXPECT_THAT(collector_.Batches(), ElementsAre(10, 10, 10, 10));
  Close();
  EXPECT_EQ(exported_.Value(), 45);
}

TEST_F(SpanProcessorTest, WhatHasNoRoomIsDroppedAndCounted) {
  LoggedLines log;
  Open({.schedule_delay = 1h, .max_queue_size = 20, .max_batch_size = 10});
  SpanBuffer& one = processor_->AddBuffer();
  SpanBuffer& another = processor_->AddBuffer();
  collector_.Hold();
  Add(one, 10);
  ASSERT_TRUE(WaitForBatches(1));
  Add(one, 15);
  const auto begin = Clock::now();
  Add(another, 10'000);
  EXPECT_LT(Clock::now() - begin, 2s) << "nobody waits for a collector";
  EXPECT_EQ(queue_full_.Value(), 9995);
  collector_.Release();
  Close();
  EXPECT_EQ(exported_.Value(), 30);
  EXPECT_THAT(collector_.Batches(), Each(Le(10u)));
  EXPECT_THAT(log.Text(), AllOf(HasSubstr("http://collector:4317"), HasSubstr("9995")));
}

TEST_F(SpanProcessorTest, FailuresAreCountedAndToldOnce) {
  LoggedLines log;
  Open({.schedule_delay = 1h, .max_queue_size = 100, .max_batch_size = 10});
  collector_.AnswerWith({10, "UNAVAILABLE: away"});
  SpanBuffer& buffer = processor_->AddBuffer();
  for (int i = 1; i <= 3; ++i) {
    Add(buffer, 10);
    ASSERT_TRUE(WaitUntil([&] { return failed_.Value() == 10 * i; }));
  }
  collector_.AnswerWith({2, "too long"});
  Add(buffer, 10);
  Close();
  EXPECT_EQ(failed_.Value(), 32);
  EXPECT_EQ(exported_.Value(), 8);
  // The first, and at the end what has not been told.
  ASSERT_THAT(log.Get(), SizeIs(2));
  EXPECT_THAT(log.Get()[0],
              HasSubstr("export of spans to http://collector:4317: UNAVAILABLE: away; "
                        "spans dropped: 10"));
  EXPECT_THAT(log.Get()[1], HasSubstr("spans dropped: 22"));
}

TEST_F(SpanProcessorTest, AnExporterThatThrowsLosesItsBatchOnly) {
  LoggedLines log;
  Open({.schedule_delay = 1h, .max_queue_size = 100, .max_batch_size = 10});
  SpanBuffer& buffer = processor_->AddBuffer();
  collector_.Throw("field value too large");
  Add(buffer, 10);
  ASSERT_TRUE(WaitUntil([&] { return failed_.Value() == 10; }));
  collector_.AnswerWith({});
  Add(buffer, 10);
  Close();
  EXPECT_EQ(exported_.Value(), 10);
  EXPECT_THAT(log.Text(), HasSubstr("field value too large"));
}

TEST_F(SpanProcessorTest, LargeSpansMakeSmallBatches) {
  Open({.schedule_delay = 1h, .max_queue_size = 10'000, .max_batch_size = 512});
  SpanBuffer& buffer = processor_->AddBuffer();
  for (int i = 0; i < 512; ++i) {
    Span span = SampleSpan("large");
    span.attributes.push_back({"text", std::string(100'000, 'x')});
    buffer.Add(std::move(span));
  }
  Close();
  EXPECT_EQ(exported_.Value(), 512);
  EXPECT_THAT(collector_.Batches(), Each(Le(21u)));
}

// A batch that two workers complete between them wakes the exporter, too.
TEST_F(SpanProcessorTest, EveryCompleteBatchIsExportedAtOnce) {
  Open({.schedule_delay = 1h, .max_queue_size = 100'000, .max_batch_size = 8});
  constexpr int kSpans = 4000;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&buffer = processor_->AddBuffer()] { Add(buffer, kSpans); });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_TRUE(WaitUntil([this] { return exported_.Value() == 4 * kSpans; }));
}

TEST_F(SpanProcessorTest, EndsWithAllThatWasAddedByAnyWorker) {
  constexpr int kWorkers = 4;
  constexpr int kSpans = 2000;
  Open({.schedule_delay = 1h, .max_queue_size = 10'000, .max_batch_size = 512});
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&buffer = processor_->AddBuffer()] { Add(buffer, kSpans); });
  }
  for (auto& worker : workers) worker.join();
  Close();
  EXPECT_EQ(exported_.Value(), kWorkers * kSpans);
  EXPECT_EQ(queue_full_.Value(), 0);
}

TEST_F(SpanProcessorTest, ACollectorThatHangsHoldsTheEndUpForTheFlushTimeOnly) {
  Open({.schedule_delay = 1h, .max_queue_size = 100, .max_batch_size = 10}, 200ms);
  collector_.Hold();
  Add(processor_->AddBuffer(), 35);
  ASSERT_TRUE(WaitForBatches(1));
  const auto begin = Clock::now();
  Close();
  EXPECT_GE(Clock::now() - begin, 190ms);
  EXPECT_LT(Clock::now() - begin, 4s);
  EXPECT_EQ(failed_.Value(), 35);
}

TEST_F(SpanProcessorTest, ARealCollectorGetsThem) {
  test::FakeUpstream upstream;
  upstream.OnUnary("/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                   test::UnaryReply{});
  TracingSettings settings;
  settings.otlp.url = {.host = "127.0.0.1", .port = upstream.port()};
  {
    SpanProcessor processor(MakeSpanExporter(settings), settings.batch, counters_, "collector");
    Add(processor.AddBuffer(), 600);
  }
  EXPECT_EQ(exported_.Value(), 600);
  EXPECT_EQ(upstream.CallCount(), 2u);
}

}  // namespace
}  // namespace puente
