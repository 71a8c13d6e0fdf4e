#include "proxy/telemetry/metrics/open_metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <iterator>

#include "transcoder/accept.h"
#include "transcoder/hex.h"

namespace puente {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr std::string_view kTotal = "_total";

// A float as OpenMetrics writes it: "1.0", "0.005", "+Inf".
std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

class Writer {
 public:
  explicit Writer(const ExemplarTable& exemplars) : exemplars_(exemplars) {}

  void Write(const MetricFamily& family) {
    switch (family.type) {
      case MetricType::Counter:
        return WriteCounters(family);
      case MetricType::Gauge:
        WriteHead(family.name, "gauge", family.help);
        for (const ClientMetric& metric : family.metric) {
          WriteSample(family.name, "", metric.label, Number(metric.gauge.value));
        }
        return;
      case MetricType::Histogram:
        WriteHead(family.name, "histogram", family.help);
        for (const ClientMetric& metric : family.metric) WriteHistogram(family.name, metric);
        return;
      default:
        return;
    }
  }

  std::string Finish() && {
    out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  void WriteCounters(const MetricFamily& family) {
    std::string_view name = family.name;
    if (name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
    WriteHead(name, "counter", family.help);
    for (const ClientMetric& metric : family.metric) {
      WriteSample(name, kTotal, metric.label, Number(metric.counter.value));
    }
  }

  void WriteHead(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(Out(), "# TYPE {} {}\n# HELP {} ", name, type, name);
    AppendEscaped(help);
    out_ += '\n';
  }

  void WriteHistogram(std::string_view name, const ClientMetric& metric) {
    const auto exemplars = exemplars_.find({std::string(name), metric.label});
    for (std::size_t i = 0; i < metric.histogram.bucket.size(); ++i) {
      const ClientMetric::Bucket& bucket = metric.histogram.bucket[i];
      AppendName(name, "_bucket", metric.label, Number(bucket.upper_bound));
      fmt::format_to(Out(), " {}", bucket.cumulative_count);
      if (exemplars != exemplars_.end() && i < kDurationBuckets && exemplars->second[i]) {
        AppendExemplar(*exemplars->second[i]);
      }
      out_ += '\n';
    }
    WriteSample(name, "_count", metric.label, std::to_string(metric.histogram.sample_count));
    WriteSample(name, "_sum", metric.label, Number(metric.histogram.sample_sum));
  }

  void WriteSample(std::string_view name, std::string_view suffix, const Labels& labels,
                   std::string_view value) {
    AppendName(name, suffix, labels, "");
    fmt::format_to(Out(), " {}\n", value);
  }

  // `bound` is the label `le`; "" for none.
  void AppendName(std::string_view name, std::string_view suffix, const Labels& labels,
                  std::string_view bound) {
    out_.append(name).append(suffix);
    char before = '{';
    for (const ClientMetric::Label& label : labels) {
      out_ += before;
      out_.append(label.name).append("=\"");
      AppendEscaped(label.value);
      out_ += '"';
      before = ',';
    }
    if (!bound.empty()) fmt::format_to(Out(), "{}le=\"{}\"", before, bound);
    if (before == ',' || !bound.empty()) out_ += '}';
  }

  void AppendExemplar(const Exemplar& exemplar) {
    const auto since_epoch = exemplar.time.time_since_epoch();
    fmt::format_to(Out(), " # {{trace_id=\"{}\"}} {} {:.3f}", ToHex(exemplar.trace_id),
                   Number(ToSeconds(exemplar.value)), ToSeconds(since_epoch));
  }

  void AppendEscaped(std::string_view text) {
    for (const char c : text) {
      if (c == '\n') {
        out_ += "\\n";
        continue;
      }
      if (c == '\\' || c == '"') out_ += '\\';
      out_ += c;
    }
  }

  std::back_insert_iterator<std::string> Out() { return std::back_inserter(out_); }

  const ExemplarTable& exemplars_;
  std::string out_;
};

}  // namespace

std::string WriteOpenMetrics(std::span<const MetricFamily> families,
                             const ExemplarTable& exemplars) {
  Writer writer(exemplars);
  for (const MetricFamily& family : families) writer.Write(family);
  return std::move(writer).Finish();
}

bool PrefersOpenMetrics(std::span<const HeaderView> headers) {
  const int wanted = NamedQuality(headers, "application/openmetrics-text");
  return wanted > 0 && wanted >= NamedQuality(headers, "text/plain");
}

}  // namespace puente
