#include "proxy/telemetry/tracing/span_processor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace puente {
namespace {

constexpr auto kReportInterval = std::chrono::minutes(1);
constexpr auto kQueueFull = "more spans wait than may";

// Collectors take messages of 4 MiB unless they are told otherwise.
constexpr std::size_t kMostBatchBytes = 2 << 20;

// About what `span` takes as a message.
std::size_t BytesOf(const Span& span) {
  constexpr std::size_t kOwn = 128;
  constexpr std::size_t kOfAttribute = 48;
  constexpr std::size_t kOfEvent = 128;
  std::size_t bytes =
      kOwn + span.name.size() + span.trace_state.size() + span.events.size() * kOfEvent;
  for (const SpanAttribute& attribute : span.attributes) {
    const auto* text = std::get_if<std::string>(&attribute.value);
    bytes += kOfAttribute + (text != nullptr ? text->size() : 0);
  }
  return bytes;
}

// How many of the first spans make a batch: at least one.
std::size_t BatchOf(std::span<const Span> spans, std::size_t most) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < std::min(spans.size(), most)) {
    bytes += BytesOf(spans[count]);
    if (count > 0 && bytes > kMostBatchBytes) break;
    ++count;
  }
  return count;
}

}  // namespace

void SpanBuffer::Add(Span&& span) {
  if (!processor_.Reserve()) return;
  {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  processor_.NoteAdded();
}

void SpanBuffer::Take(std::vector<Span>& empty) {
  const std::lock_guard lock(mutex_);
  spans_.swap(empty);
}

SpanProcessor::SpanProcessor(std::unique_ptr<SpanExporter> exporter, const BatchSettings& settings,
                             SpanCounters counters, std::string endpoint,
                             std::chrono::milliseconds flush_time)
    : exporter_(std::move(exporter)),
      settings_(settings),
      counters_(counters),
      endpoint_(std::move(endpoint)),
      flush_time_(flush_time),
      thread_([this] { Run(); }) {}

SpanProcessor::~SpanProcessor() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    work_.notify_one();
    end_.wait_for(lock, flush_time_, [this] { return ended_; });
  }
  exporter_->Cancel();
  thread_.join();
}

SpanBuffer& SpanProcessor::AddBuffer() {
  const std::lock_guard lock(mutex_);
  return *buffers_.emplace_back(std::make_unique<SpanBuffer>(*this));
}

// Room for one more span; false: there is none.
bool SpanProcessor::Reserve() {
  std::size_t waiting = waiting_.load(std::memory_order_relaxed);
  do {
    if (waiting >= settings_.max_queue_size) {
      counters_.dropped_queue_full.Increment();
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!waiting_.compare_exchange_weak(waiting, waiting + 1, std::memory_order_relaxed));
  return true;
}

// Every batch that is complete wakes the exporting thread.
void SpanProcessor::NoteAdded() {
  if ((added_.fetch_add(1, std::memory_order_relaxed) + 1) % settings_.max_batch_size != 0) return;
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  work_.notify_one();
}

void SpanProcessor::Run() {
  Wake wake = Wake::kDue;
  auto due = Clock::now() + settings_.schedule_delay;
  while (wake != Wake::kStop) {
    wake = AwaitWork(due);
    ExportWaiting(wake);
    if (wake != Wake::kBatch) due = Clock::now() + settings_.schedule_delay;
  }
  ReportNow();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  end_.notify_one();
}

SpanProcessor::Wake SpanProcessor::AwaitWork(Clock::time_point due) {
  std::unique_lock lock(mutex_);
  work_.wait_until(lock, due, [this] { return woken_ || stopping_; });
  const bool woken = std::exchange(woken_, false);
  if (stopping_) return Wake::kStop;
  return woken && Clock::now() < due ? Wake::kBatch : Wake::kDue;
}

void SpanProcessor::Gather() {
  std::vector<SpanBuffer*> buffers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& buffer : buffers_) buffers.push_back(buffer.get());
  }
  for (SpanBuffer* buffer : buffers) {
    buffer->Take(taken_);
    std::ranges::move(taken_, std::back_inserter(pending_));
    taken_.clear();
  }
}

// What is less than a batch waits for its time, and that comes for what is here when it begins.
void SpanProcessor::ExportWaiting(Wake wake) {
  Gather();
  std::size_t due = wake == Wake::kBatch ? 0 : pending_.size();
  while (due > 0 || pending_.size() >= settings_.max_batch_size) {
    due -= std::min(due, ExportBatch());
    Report();
    Gather();
  }
  Report();
}

// Whatever an exporter throws concerns its batch alone, not the process.
ExportResult SpanProcessor::Export(std::span<const Span> batch) {
  try {
    return exporter_->Export(batch);
  } catch (const std::exception& failure) {
    return {batch.size(), failure.what()};
  }
}

std::size_t SpanProcessor::ExportBatch() {
  const std::size_t size = BatchOf(pending_, settings_.max_batch_size);
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(size);
  std::vector<Span> batch(std::make_move_iterator(pending_.begin()), std::make_move_iterator(end));
  pending_.erase(pending_.begin(), end);
  waiting_.fetch_sub(size, std::memory_order_relaxed);
  ExportResult result = Export(batch);
  const std::size_t rejected = std::min(result.rejected, size);
  counters_.exported.Increment(static_cast<double>(size - rejected));
  counters_.dropped_export_failed.Increment(static_cast<double>(rejected));
  lost_ += rejected;
  if (!result.error.empty()) reason_ = std::move(result.error);
  return size;
}

void SpanProcessor::Report() {
  if (const std::uint64_t refused = refused_.exchange(0, std::memory_order_relaxed); refused > 0) {
    lost_ += refused;
    if (reason_.empty()) reason_ = kQueueFull;
  }
  if (reason_.empty()) return;
  const auto now = Clock::now();
  if (reported_ != Clock::time_point::min() && now - reported_ < kReportInterval) return;
  reported_ = now;
  ReportNow();
}

void SpanProcessor::ReportNow() {
  if (reason_.empty()) return;
  spdlog::warn("export of spans to {}: {}; spans dropped: {}", endpoint_, reason_, lost_);
  lost_ = 0;
  reason_.clear();
}

}  // namespace puente
