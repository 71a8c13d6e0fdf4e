// The listeners of the configuration: their sockets, certificates and limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_config.h"
#include "proxy/http/listener.h"
#include "proxy/telemetry/metrics/metrics.h"

namespace puente {

// What sessions do by `config`.
SessionOptions SessionOptionsOf(const config::Config& config);

// How connections of the listener called `listener` are counted.
ConnectionObserver ObserverOf(const std::string& listener, Metrics& metrics);

// The certificates of all listeners, checked.
class ListenerCertificates {
 public:
  // Reads the files; what is wrong is added to `problems`.
  static ListenerCertificates Read(const LoadedConfig& loaded, std::vector<Problem>& problems);

 private:
  friend class Listeners;
  struct Certificate {
    std::shared_ptr<asio::ssl::context> context;
    std::string material;  // the content of the files
  };
  std::map<std::string, Certificate, std::less<>> by_listener_;
};

// Used on the thread of `executor`, save for the constructor, Open and what says otherwise; the
// listeners never change.
class Listeners {
 public:
  // `metrics` outlives it.
  Listeners(Executor executor, Metrics& metrics) : executor_(executor), metrics_(metrics) {}
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Binds all sockets; what can't be bound is added to `problems`. Before all others.
  void Open(const LoadedConfig& loaded, ListenerCertificates certificates,
            std::vector<Problem>& problems);
  // Begins to accept. `hosts` and `limit` outlive the connections.
  void Start(const config::Config& config, std::span<SessionHost> hosts, ConnectionLimit& limit);

  // Connections that come from now on have these limits, and these certificates where the files
  // have changed.
  void Reconfigure(const config::Config& config, ListenerCertificates certificates);
  // Counts those that were read anew and can't be used. Any thread.
  void CountRefused(const ListenerCertificates& certificates);

  // Takes the connections that wait, and no more.
  void AcceptLast();
  void Close();

  // These two on any thread. The port that the listener called `name` is bound to; 0 when there is
  // none.
  std::uint16_t port(std::string_view name) const;
  // The listener whose certificate has expired; "" when none has.
  std::string Expired() const;

 private:
  struct Entry {
    std::shared_ptr<Listener> listener;
    std::shared_ptr<asio::ssl::context> tls;  // nullptr: plain text
    std::string tls_material;                 // what that was made of
  };

  bool TakeCertificate(const std::string& name, ListenerCertificates& certificates);

  const Executor executor_;
  Metrics& metrics_;
  std::map<std::string, Entry, std::less<>> entries_;
  mutable std::mutex mutex_;  // of what follows
  std::map<std::string, std::chrono::system_clock::time_point> expiry_;
};

}  // namespace puente
