#include "proxy/listeners.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "config/duration_text.h"
#include "proxy/file_contents.h"
#include "proxy/http/tls_context.h"
#include "proxy/request_limits.h"

namespace puente {
namespace {

std::string KeyOf(int index) { return IndexKey("listeners", static_cast<std::size_t>(index)); }

std::shared_ptr<const SessionOptions> OptionsOf(const config::Config& config,
                                                const config::Listener& listener) {
  SessionOptions options = SessionOptionsOf(config);
  if (listener.has_tls()) options.handshake_timeout = ToChrono(listener.tls().handshake_timeout());
  return std::make_shared<const SessionOptions>(options);
}

}  // namespace

SessionOptions SessionOptionsOf(const config::Config& config) {
  const config::Limits& limits = config.limits();
  SessionOptions options;
  options.request = RequestLimitsOf(config);
  options.header_timeout = ToChrono(limits.header_timeout());
  options.idle_timeout = ToChrono(limits.idle_timeout());
  options.min_body_rate = limits.min_body_rate();
  options.max_requests = limits.max_requests_per_connection();
  return options;
}

ConnectionObserver ObserverOf(const std::string& listener, Metrics& metrics) {
  auto& active = metrics.active_connections.Add({{"listener", listener}});
  auto& rejected = metrics.rejected_connections.Add({{"listener", listener}});
  return {.opened = [&active] { active.Increment(); },
          .closed = [&active] { active.Decrement(); },
          .rejected = [&rejected] { rejected.Increment(); }};
}

ListenerCertificates ListenerCertificates::Read(const LoadedConfig& loaded,
                                                std::vector<Problem>& problems) {
  ListenerCertificates certificates;
  for (int i = 0; i < loaded.config.listeners_size(); ++i) {
    const config::Listener& listener = loaded.config.listeners(i);
    if (!listener.has_tls()) continue;
    std::vector<Problem> found;
    const config::ServerTls& tls = listener.tls();
    std::string material = MaterialOf(tls.SerializeAsString(),
                                      {tls.certificate(), tls.private_key(), tls.client_ca()});
    certificates.by_listener_[listener.name()] = {MakeTlsContext(tls, found), std::move(material)};
    for (const Problem& problem : found) {
      problems.push_back(loaded.positions.At(JoinKey(KeyOf(i), problem.key), problem.message));
    }
  }
  return certificates;
}

void Listeners::Open(const LoadedConfig& loaded, ListenerCertificates certificates,
                     std::vector<Problem>& problems) {
  for (int i = 0; i < loaded.config.listeners_size(); ++i) {
    const config::Listener& config = loaded.config.listeners(i);
    auto listener = Listener::Open(executor_, config.address());
    if (!listener) {
      problems.push_back(loaded.positions.At(KeyOf(i) + ".address", listener.error()));
      continue;
    }
    entries_[config.name()] = {*std::move(listener), nullptr, ""};
    TakeCertificate(config.name(), certificates);
  }
}

void Listeners::Start(const config::Config& config, std::span<SessionHost> hosts,
                      ConnectionLimit& limit) {
  for (const config::Listener& listener : config.listeners()) {
    Entry& entry = entries_.find(listener.name())->second;
    entry.listener->Start({.hosts = hosts,
                           .options = OptionsOf(config, listener),
                           .tls = entry.tls,
                           .limit = &limit,
                           .observer = ObserverOf(listener.name(), metrics_)});
    spdlog::info("listener {} serves {} on {}", listener.name(), entry.tls ? "HTTPS" : "HTTP",
                 entry.listener->BoundAddress());
  }
}

void Listeners::Reconfigure(const config::Config& config, ListenerCertificates certificates) {
  for (const config::Listener& listener : config.listeners()) {
    Entry& entry = entries_.find(listener.name())->second;
    if (TakeCertificate(listener.name(), certificates)) {
      metrics_.CountTlsReload(listener.name(), true);
      spdlog::info("listener {}: new connections get the new certificate", listener.name());
    }
    entry.listener->Reconfigure(OptionsOf(config, listener), entry.tls);
  }
}

void Listeners::CountRefused(const ListenerCertificates& certificates) {
  for (const auto& [name, certificate] : certificates.by_listener_) {
    if (!certificate.context) metrics_.CountTlsReload(name, false);
  }
}

// Whether it is another than before.
bool Listeners::TakeCertificate(const std::string& name, ListenerCertificates& certificates) {
  const auto found = certificates.by_listener_.find(name);
  if (found == certificates.by_listener_.end()) return false;
  Entry& entry = entries_.find(name)->second;
  auto& [context, material] = found->second;
  if (material == entry.tls_material) return false;
  const bool is_first = entry.tls == nullptr;
  entry.tls = std::move(context);
  entry.tls_material = std::move(material);
  const auto expiry = CertificateExpiry(*entry.tls);
  if (expiry) {
    const std::lock_guard lock(mutex_);
    expiry_[name] = *expiry;
    metrics_.SetTlsExpiry(name, *expiry);
  }
  return !is_first;
}

void Listeners::AcceptLast() {
  for (auto& [name, entry] : entries_) entry.listener->AcceptLast();
}

void Listeners::Close() {
  for (auto& [name, entry] : entries_) entry.listener->Close();
}

std::uint16_t Listeners::port(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? 0 : found->second.listener->port();
}

std::string Listeners::Expired() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [listener, expiry] : expiry_) {
    if (expiry < std::chrono::system_clock::now()) return listener;
  }
  return "";
}

}  // namespace puente
