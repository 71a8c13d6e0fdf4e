// The metrics that workers count without meeting each other: which series there are, and their
// sums.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/telemetry/metrics/metric_cells.h"

namespace puente {

// The exemplars of the histograms of a scrape, by their family and labels.
using ExemplarTable =
    std::map<std::pair<std::string, std::vector<prometheus::ClientMetric::Label>>, BucketExemplars>;

// Thread-safe; making a series takes a lock, counting in one (MetricCells) does not. A scrape adds
// up what the workers have counted. In prometheus-cpp's registry it is one more collectable.
class MetricTable final : public prometheus::Collectable {
 public:
  MetricTable() = default;
  MetricTable(const MetricTable&) = delete;
  MetricTable& operator=(const MetricTable&) = delete;

  // A family, by its index.
  std::size_t AddFamily(std::string name, std::string help, prometheus::MetricType type);

  // The series of these labels, made when it is not there yet. Histograms are scraped once
  // something has been counted in them.
  CounterId AddCounter(std::size_t family, const prometheus::Labels& labels);
  HistogramId AddHistogram(std::size_t family, const prometheus::Labels& labels);

  // For one more worker; lives as long as the table.
  MetricCells& AddCells();

  std::vector<prometheus::MetricFamily> Collect() const override;
  ExemplarTable CollectExemplars() const;

 private:
  struct Series {
    prometheus::Labels labels;
    std::uint32_t id;
  };
  struct Family {
    std::string name;
    std::string help;
    prometheus::MetricType type;
    std::map<prometheus::Labels, std::size_t> by_labels;  // places in `series`
    std::vector<Series> series;
  };

  std::uint32_t Add(std::size_t family, const prometheus::Labels& labels, std::uint32_t& next);
  void CollectCounters(const Family& family, prometheus::MetricFamily& collected) const;
  void CollectHistograms(const Family& family, prometheus::MetricFamily& collected) const;

  mutable std::mutex mutex_;  // of all
  std::vector<Family> families_;
  std::vector<std::unique_ptr<MetricCells>> cells_;
  std::uint32_t next_counter_ = 0;
  std::uint32_t next_histogram_ = 0;
};

}  // namespace puente
