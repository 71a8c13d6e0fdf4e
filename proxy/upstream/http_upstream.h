// A REST backend: where its servers are, and how they are talked to.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/address.h"
#include "config/problem.h"
#include "config/puente.pb.h"
#include "proxy/http/response_parser.h"
#include "proxy/traffic/outlier_detector.h"
#include "proxy/upstream/unavailable_log.h"

namespace puente {

// Thread-safe, and immutable but for what is known of its targets. It has no connections: each
// worker keeps its own (HttpLane), makes them when they are needed, and drops those of an upstream
// that is gone.
class HttpUpstream : public std::enable_shared_from_this<HttpUpstream> {
 public:
  // For `lanes` workers, which share its connections out among them. Reads the TLS files that
  // `config` names; what is wrong is added to `problems` by the key it belongs to, relative to the
  // upstream ("http.tls.ca"). nullptr then.
  static std::shared_ptr<HttpUpstream> Make(const config::Upstream& config, std::size_t lanes,
                                            std::vector<Problem>& problems);

  // One that has this target alone, for asking it how it is: what becomes of its calls is neither
  // reported nor logged.
  std::shared_ptr<HttpUpstream> ForProbing(std::size_t target) const;

  // No other upstream of this process ever has the same.
  std::uint64_t id() const { return id_; }
  const std::string& name() const { return name_; }
  // Where it is; of several targets the upstream's name stands for all, without a port.
  const HostAndPort& server() const { return server_; }
  bool is_tls() const { return tls_ != nullptr; }
  // The path of the URL, which goes before that of requests; without a slash at its end.
  const std::string& base_path() const { return base_path_; }

  // Its servers, by number.
  std::size_t target_count() const { return targets_.size(); }
  const HostAndPort& target(std::size_t number) const { return targets_[number]; }
  // Whether outlier detection and health checks let requests go there.
  bool IsUsable(std::size_t target, std::chrono::steady_clock::time_point now) const {
    return !detector_ || detector_->IsUsable(target, now);
  }
  // What became of a request to this target. Costs nothing where there is only one.
  void Report(std::size_t target, Outcome outcome);
  // What a health check says. Without effect unless there are several targets and a `health_check`.
  void NoteHealth(std::size_t target, bool healthy);

  // How many connections one worker may have to one target; at least 1.
  std::size_t connections_per_lane() const { return connections_per_lane_; }
  // How long a connection may take to be made, TLS included.
  std::chrono::nanoseconds connect_timeout() const { return connect_timeout_; }
  // How long a connection is kept that has nothing to do.
  std::chrono::nanoseconds idle_timeout() const { return idle_timeout_; }
  const ResponseLimits& response_limits() const { return response_limits_; }

  // nullptr for plain connections.
  boost::asio::ssl::context* tls_context() const { return tls_.get(); }
  // What the certificate of a target must be for.
  const std::string& server_name(std::size_t target) const;

  // Writes to the log why a call did not reach the upstream, at most once a second.
  void ReportUnavailable(std::string_view reason) {
    if (reports_) unavailable_log_.Report(name_, reason);
  }

 private:
  HttpUpstream(const config::Upstream& config, std::size_t lanes);
  HttpUpstream(const HttpUpstream& whole, std::size_t target);
  bool ReadUrls(const config::HttpUpstream& http, std::vector<Problem>& problems);
  bool ReadTls(const config::HttpUpstream& http, std::vector<Problem>& problems);

  const std::uint64_t id_;
  const std::string name_;
  const std::chrono::nanoseconds connect_timeout_;
  const std::chrono::nanoseconds idle_timeout_;
  const ResponseLimits response_limits_;
  std::size_t connections_per_lane_ = 1;
  HostAndPort server_;
  std::string base_path_;
  std::vector<HostAndPort> targets_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::string server_name_;  // "": the target's host
  const bool health_checked_ = false;
  const bool reports_ = true;  // to the log
  // nullptr: all targets are always used.
  const std::unique_ptr<OutlierDetector> detector_;
  UnavailableLog unavailable_log_;
};

}  // namespace puente
