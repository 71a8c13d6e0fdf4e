#include "proxy/upstream/http_upstream.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "config/duration_text.h"
#include "config/http_url.h"
#include "proxy/client_tls_context.h"
#include "proxy/client_tls_files.h"

namespace puente {
namespace {

using std::chrono::steady_clock;

std::uint64_t NextId() {
  static std::atomic<std::uint64_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

std::vector<std::string> UrlsOf(const config::HttpUpstream& http) {
  if (http.has_url()) return {http.url()};
  return {http.urls().begin(), http.urls().end()};
}

std::unique_ptr<OutlierDetector> DetectorFor(const config::HttpUpstream& http) {
  const bool wanted = http.has_outlier_detection() || http.has_health_check();
  if (http.urls_size() < 2 || !wanted) return nullptr;
  return std::make_unique<OutlierDetector>(
      static_cast<std::size_t>(http.urls_size()),
      http.has_outlier_detection() ? &http.outlier_detection() : nullptr);
}

}  // namespace

HttpUpstream::HttpUpstream(const config::Upstream& config, std::size_t lanes)
    : id_(NextId()),
      name_(config.name()),
      connect_timeout_(ToChrono(config.http().connect_timeout())),
      idle_timeout_(ToChrono(config.http().idle_timeout())),
      health_checked_(config.http().has_health_check()),
      detector_(DetectorFor(config.http())) {
  const std::size_t targets = std::max<std::size_t>(UrlsOf(config.http()).size(), 1);
  connections_per_lane_ =
      std::max<std::size_t>(config.http().max_connections() / (lanes * targets), 1);
}

HttpUpstream::HttpUpstream(const HttpUpstream& whole, std::size_t target)
    : id_(NextId()),
      name_(whole.name_),
      connect_timeout_(whole.connect_timeout_),
      idle_timeout_(whole.idle_timeout_),
      response_limits_(whole.response_limits_),
      server_(whole.targets_[target]),
      base_path_(whole.base_path_),
      targets_{whole.targets_[target]},
      tls_(whole.tls_),
      server_name_(whole.server_name_),
      reports_(false) {}

std::shared_ptr<HttpUpstream> HttpUpstream::ForProbing(std::size_t target) const {
  return std::shared_ptr<HttpUpstream>(new HttpUpstream(*this, target));
}

std::shared_ptr<HttpUpstream> HttpUpstream::Make(const config::Upstream& config, std::size_t lanes,
                                                 std::vector<Problem>& problems) {
  std::shared_ptr<HttpUpstream> upstream(new HttpUpstream(config, lanes));
  if (!upstream->ReadUrls(config.http(), problems)) return nullptr;
  if (!upstream->ReadTls(config.http(), problems)) return nullptr;
  return upstream;
}

// The check of the configuration has seen to it that the URLs agree in all but host and port.
bool HttpUpstream::ReadUrls(const config::HttpUpstream& http, std::vector<Problem>& problems) {
  for (const std::string& text : UrlsOf(http)) {
    auto url = ParseHttpUrl(text);
    if (!url) {
      problems.push_back(
          {.key = http.has_url() ? "http.url" : "http.urls", .message = url.error()});
      return false;
    }
    base_path_ = std::move(url->path);
    targets_.push_back({std::move(url->host), url->port});
  }
  server_ = targets_.size() == 1 ? targets_[0] : HostAndPort{name_, 0};
  return true;
}

bool HttpUpstream::ReadTls(const config::HttpUpstream& http, std::vector<Problem>& problems) {
  if (!ParseHttpUrl(UrlsOf(http).front())->tls) return true;
  std::vector<Problem> found;
  const ClientTlsFiles files = ReadClientTlsFiles(http.tls(), found);
  for (Problem& problem : found) {
    problem.key = JoinKey("http.tls", problem.key);
    problems.push_back(std::move(problem));
  }
  if (!found.empty()) return false;
  auto context = MakeClientTlsContext(files);
  if (!context) {
    problems.push_back({.key = "http.tls", .message = context.error()});
    return false;
  }
  tls_ = *std::move(context);
  server_name_ = files.server_name;
  return true;
}

const std::string& HttpUpstream::server_name(std::size_t target) const {
  return server_name_.empty() ? targets_[target].host : server_name_;
}

void HttpUpstream::Report(std::size_t target, Outcome outcome) {
  if (!detector_) return;
  const auto ejection = detector_->Report(target, outcome, steady_clock::now());
  if (!ejection) return;
  const HostAndPort& server = targets_[target];
  spdlog::warn("upstream {}: {} gets no requests for {}, after {} failures in a row", name_,
               JoinHostAndPort(server.host, server.port), FormatDuration(ejection->lasting),
               ejection->failures);
}

void HttpUpstream::NoteHealth(std::size_t target, bool healthy) {
  if (detector_ && health_checked_) detector_->SetHealthy(target, healthy);
}

}  // namespace puente
