// Brings spans from the workers to an exporter, in batches
// (opentelemetry.io/docs/specs/otel/trace/sdk, "Batching processor"), so that no request waits for
// a collector.
#pragma once

#include <prometheus/counter.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "proxy/telemetry/tracing/span.h"
#include "proxy/telemetry/tracing/span_exporter.h"
#include "proxy/telemetry/tracing/tracing_settings.h"

namespace puente {

class SpanProcessor;

// The spans of one worker that are not exported yet; used on its thread only.
class SpanBuffer {
 public:
  explicit SpanBuffer(SpanProcessor& processor) : processor_(processor) {}
  SpanBuffer(const SpanBuffer&) = delete;
  SpanBuffer& operator=(const SpanBuffer&) = delete;

  // Drops and counts `span` when as many wait, in all buffers together, as may. Waits for nobody
  // but, for a moment, the exporting thread that exchanges the list for an empty one.
  void Add(Span&& span);

 private:
  friend class SpanProcessor;

  // Exchanges the spans for `empty`. For the exporting thread.
  void Take(std::vector<Span>& empty);

  SpanProcessor& processor_;
  std::mutex mutex_;  // of spans_
  std::vector<Span> spans_;
};

// What became of spans. The counters outlive the processor.
struct SpanCounters {
  prometheus::Counter& exported;
  prometheus::Counter& dropped_queue_full;
  prometheus::Counter& dropped_export_failed;
};

// The exporter and the thread that calls it: once per schedule delay with all that waits, and
// sooner when a whole batch does. A batch that the exporter gives up is dropped and counted, and
// the log tells why, once a minute.
class SpanProcessor {
 public:
  // How long the destructor lets the exporter go on.
  static constexpr std::chrono::milliseconds kFlushTime = std::chrono::seconds(5);

  // `endpoint` is what the log calls the collector.
  SpanProcessor(std::unique_ptr<SpanExporter> exporter, const BatchSettings& settings,
                SpanCounters counters, std::string endpoint,
                std::chrono::milliseconds flush_time = kFlushTime);
  // Exports what was added before it began, for `flush_time` at most; what is left then is dropped
  // and counted.
  ~SpanProcessor();
  SpanProcessor(const SpanProcessor&) = delete;
  SpanProcessor& operator=(const SpanProcessor&) = delete;

  // For one more worker; lives as long as the processor. Thread-safe.
  SpanBuffer& AddBuffer();

 private:
  friend class SpanBuffer;
  using Clock = std::chrono::steady_clock;
  enum class Wake { kBatch, kDue, kStop };

  // Called by buffers.
  bool Reserve();
  void NoteAdded();

  // On the exporting thread.
  void Run();
  Wake AwaitWork(Clock::time_point due);
  void Gather();
  void ExportWaiting(Wake wake);
  std::size_t ExportBatch();  // returns its size
  ExportResult Export(std::span<const Span> batch);
  void Report();
  void ReportNow();

  const std::unique_ptr<SpanExporter> exporter_;
  const BatchSettings settings_;
  const SpanCounters counters_;
  const std::string endpoint_;
  const std::chrono::milliseconds flush_time_;
  std::atomic<std::size_t> waiting_{0};    // spans in buffers and in pending_
  std::atomic<std::uint64_t> added_{0};    // spans that were put into buffers
  std::atomic<std::uint64_t> refused_{0};  // spans for which there was no room, since Report

  std::mutex mutex_;  // of what follows
  std::condition_variable work_;
  std::condition_variable end_;
  std::vector<std::unique_ptr<SpanBuffer>> buffers_;
  bool woken_ = false;
  bool stopping_ = false;
  bool ended_ = false;

  // The exporting thread's.
  std::vector<Span> pending_;  // in the order in which they are exported
  std::vector<Span> taken_;
  Clock::time_point reported_ = Clock::time_point::min();
  std::uint64_t lost_ = 0;  // spans that were dropped and not reported yet
  std::string reason_;      // why; "" for nothing to report

  std::thread thread_;
};

}  // namespace puente
