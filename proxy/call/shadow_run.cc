#include "proxy/call/shadow_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "proxy/call/request_body.h"
#include "proxy/telemetry/http_method.h"
#include "proxy/telemetry/logging.h"
#include "transcoder/comparison/compare_answers.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

// Of the paths in one line of the log.
constexpr std::size_t kMostLogged = 10;

AnswerType TypeOf(const Route* route) {
  if (route == nullptr || route->response_is_http_body) return {};
  if (route->response_field != nullptr) return route->response_field;
  return route->method->output_type();
}

}  // namespace

ShadowRun::~ShadowRun() { shadow().in_flight->fetch_sub(1, std::memory_order_relaxed); }

void ShadowRun::Cancel() {
  cancelled_ = true;
  if (call_) call_->Cancel();
  if (http_call_) http_call_->Cancel();
}

Task<> ShadowRun::Run() {
  const ShadowAnswer answer = co_await Ask();
  if (cancelled_) co_return;
  Record(answer);
  if (shadow().compares) Compare(answer);
}

Task<ShadowRun::ShadowAnswer> ShadowRun::Ask() {
  ShadowAnswer answer;
  if (request_.refusal) {
    answer.status = request_.refusal->HttpStatus();
    answer.is_whole = true;
  } else if (shadow().backend.grpc) {
    answer = co_await Call();
  } else {
    answer = co_await Forward();
  }
  co_return answer;
}

Task<ShadowRun::ShadowAnswer> ShadowRun::Call() {
  const auto deadline =
      system_clock::now() + std::chrono::duration_cast<system_clock::duration>(shadow().timeout);
  call_.emplace(*shadow().backend.grpc, request_.lane, request_.route->grpc_path, request_.headers,
                deadline);
  const Result<void> called = co_await call_->Unary(std::move(request_.body));
  ShadowAnswer answer;
  answer.code = called ? Code::kOk : called.error().code;
  answer.is_whole = true;
  Payload payload;
  Result<void> read = called;
  if (read) read = request_.served->codec->DecodeResponse(call_->message(), payload);
  if (!read) {
    answer.status = read.error().HttpStatus();
    co_return answer;
  }
  std::vector<MetadataView> metadata = call_->InitialMetadata();
  std::ranges::copy(call_->TrailingMetadata(), std::back_inserter(metadata));
  answer.status = HttpCodeOverride(metadata).value_or(200);
  answer.content_type = std::move(payload.content_type);
  answer.body = std::move(payload.bytes);
  co_return answer;
}

Task<ShadowRun::ShadowAnswer> ShadowRun::Forward() {
  http_call_.emplace(*shadow().backend.http, request_.http_lane,
                     steady_clock::now() + shadow().timeout);
  ShadowAnswer answer;
  const Result<void> read = co_await ReadAnswer(*http_call_, answer);
  if (!read) answer = {.status = read.error().HttpStatus(), .is_whole = true};
  co_return answer;
}

Task<Result<void>> ShadowRun::ReadAnswer(HttpCall& call, ShadowAnswer& answer) {
  using Framing = HttpRequestHead::Framing;
  std::vector<HeaderView> fields;
  for (const Header& header : request_.headers) fields.push_back({header.name, header.value});
  const HttpRequestHead head{.method = request_.method,
                             .base_path = shadow().backend.http->base_path(),
                             .target = request_.target,
                             .headers = fields,
                             .framing = request_.has_body ? Framing::kLength : Framing::kNone,
                             .content_length = request_.body.size()};
  const Result<void> started = co_await call.Start(head, request_.body);
  if (!started) co_return started;
  const Result<void> answered = co_await call.ReadHead();
  if (!answered) co_return answered;
  answer.status = call.head().status;
  const std::string_view* type = FindHeader(call.head().headers, "content-type");
  if (type != nullptr) answer.content_type = *type;
  Result<bool> more = true;
  while (more && *more && answer.body.size() <= shadow().max_body_bytes) {
    more = co_await call.ReadBodySome(answer.body);
  }
  if (!more) co_return tl::unexpected(more.error());
  answer.is_whole = !*more;
  co_return Result<void>();
}

void ShadowRun::Record(const ShadowAnswer& answer) {
  const nanoseconds duration = steady_clock::now() - started_;
  const WorkerTelemetry& telemetry = request_.telemetry;
  if (telemetry.cells != nullptr && answer.code) {
    request_.served->CallsTo(*shadow().backend.grpc)
        .shadow->Count(*telemetry.cells, *answer.code, duration, nullptr);
  }
  if (request_.span) ExportSpan(answer);
  if (telemetry.log == nullptr) return;
  AccessLogEntry entry;
  entry.start = system_clock::now() - std::chrono::duration_cast<system_clock::duration>(duration);
  entry.trace_id = request_.trace_id;
  entry.request_id = request_.id;
  entry.method = request_.method;
  entry.route = request_.route_label;
  entry.status = answer.status;
  entry.code = answer.code;
  entry.upstream = shadow().backend.name();
  entry.split = request_.policy.split_name;
  entry.traffic = kShadowTraffic;
  entry.duration = duration;
  entry.upstream_time = duration;
  telemetry.log->Append(entry);
}

void ShadowRun::ExportSpan(const ShadowAnswer& answer) {
  Span span = *std::move(request_.span);
  span.end = system_clock::now();
  span.name = request_.route != nullptr && answer.code ? request_.route->grpc_path.substr(1)
                                                       : std::string(KnownMethod(request_.method));
  span.attributes = {{"puente.traffic", std::string(kShadowTraffic)},
                     {"puente.upstream", shadow().backend.name()},
                     {"http.response.status_code", std::int64_t{answer.status}}};
  if (answer.status >= 400) span.status = Span::Status::kError;
  request_.telemetry.tracer.spans->Add(std::move(span));
}

void ShadowRun::Compare(const ShadowAnswer& answer) {
  if (!request_.answer.is_whole || !answer.is_whole) return;
  AnswerCopy& live = request_.answer;
  if (EqualsIgnoreCase(live.content_encoding, "gzip")) {
    auto plain = DecodeGzip(live.body, {.max_bytes = shadow().max_body_bytes});
    if (!plain) return;
    live.body = *std::move(plain);
  } else if (!live.content_encoding.empty()) {
    return;
  }
  Answer primary{live.status, live.content_type, live.body};
  Answer copy{answer.status, answer.content_type, answer.body};
  // An HTTP upstream sends no body to compare with; what a gRPC call answers would have one.
  if (request_.method == "HEAD") primary.body = copy.body = {};
  const Comparison comparison =
      CompareAnswers(primary, copy, TypeOf(request_.route), shadow().ignored);
  shadow().differences->Add(comparison);
  const SplitMetrics& metrics = *request_.policy.split_metrics;
  if (!comparison) {
    metrics.comparison_errors.Increment();
  } else if (comparison->empty()) {
    metrics.matches.Increment();
  } else {
    metrics.mismatches.Increment();
    LogDifferences(*comparison);
  }
}

void ShadowRun::LogDifferences(const std::vector<Difference>& differences) {
  if (!request_.telemetry.warnings.differences.Admit(steady_clock::now())) return;
  std::string paths;
  for (std::size_t i = 0; i < std::min(differences.size(), kMostLogged); ++i) {
    paths += fmt::format("{}{} ({})", i > 0 ? ", " : "",
                         differences[i].path.empty() ? "the answer" : differences[i].path,
                         DifferenceKindName(differences[i].kind));
  }
  LogRequest(config::Log::LEVEL_WARN, {request_.id, request_.trace_id},
             fmt::format("{}: shadow {} answers otherwise: {}", request_.route_label,
                         shadow().backend.name(), paths));
}

}  // namespace puente
