#include "proxy/app.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "config/duration_text.h"
#include "proxy/admin_handler.h"
#include "proxy/granted_cpus.h"
#include "proxy/http/listener.h"
#include "proxy/http/tls_context.h"
#include "proxy/reflection_watch.h"
#include "proxy/request_limits.h"
#include "proxy/snapshot.h"
#include "proxy/telemetry/telemetry.h"
#include "proxy/transcoding_handler.h"
#include "proxy/upstream_health.h"
#include "proxy/worker.h"

namespace puente {
namespace {

using std::chrono::nanoseconds;
using TlsContexts = std::vector<std::unique_ptr<asio::ssl::context>>;

// How long connections that were cut at the end of a drain may take to end.
constexpr auto kCutTimeout = std::chrono::seconds(3);
// The last part of a drain, in which those connections are asked to end that never would: at most.
constexpr auto kFarewellTime = std::chrono::seconds(2);
constexpr auto kDrainPoll = std::chrono::milliseconds(20);
constexpr std::string_view kAdminListener = "admin";

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

// One per listener; nullptr for those without TLS.
TlsContexts MakeTlsContexts(const LoadedConfig& loaded, std::vector<Problem>& problems) {
  TlsContexts contexts;
  for (int i = 0; i < loaded.config.listeners_size(); ++i) {
    std::vector<Problem> found;
    const config::Listener& listener = loaded.config.listeners(i);
    contexts.push_back(listener.has_tls() ? MakeTlsContext(listener.tls(), found) : nullptr);
    for (const Problem& problem : found) {
      problems.push_back(loaded.positions.At(
          JoinKey(IndexKey("listeners", static_cast<std::size_t>(i)), problem.key),
          problem.message));
    }
  }
  return contexts;
}

std::size_t WorkerCount(const config::Config& config) {
  return config.workers() > 0 ? config.workers() : static_cast<std::size_t>(GrantedCpus());
}

// For one line of a log.
std::string Summary(const std::vector<Problem>& problems) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kShown); ++i) {
    text += (i > 0 ? "; " : "") + ToString(problems[i]);
  }
  if (problems.size() > kShown) text += fmt::format("; and {} more", problems.size() - kShown);
  return text;
}

// A worker and what it serves with.
struct ServingWorker {
  std::unique_ptr<RequestHandler> handler;
  TranscodingHandler* transcoding = nullptr;  // the handler, where it is one
  bool draining = false;                      // on the worker's thread
  Worker worker;                              // last: its thread ends before what it uses goes

  SessionHost Host() {
    return {worker.executor(),
            [this](std::function<void()> action) { worker.Post(std::move(action)); },
            worker.connections(), *handler, draining};
  }
};

}  // namespace

// Members are destroyed in reverse: first the listeners, then the workers with their threads, then
// what those used.
class App::State {
 public:
  State(LoadedConfig loaded, TlsContexts tls_contexts)
      : loaded_(std::move(loaded)),
        worker_count_(WorkerCount(loaded_.config)),
        session_options_(SessionOptionsOf(loaded_.config)),
        tls_contexts_(std::move(tls_contexts)) {
    limit_.max = loaded_.config.limits().max_connections();
    admin_options_.idle_timeout = session_options_.idle_timeout;
  }

  ~State() {
    ending_ = true;
    if (watch_) watch_->Stop();
    CutEverything();
    if (draining_) drained_clean_.wait();
  }

  bool Load(std::vector<Problem>& problems) {
    telemetry_ = Telemetry::Open(loaded_, ProcessEnvironment, problems);
    upstreams_ = MakeUpstreams(loaded_, worker_count_, problems);
    if (telemetry_) AddKnownSeries();
    // Also without telemetry, so that all that is wrong is told at once.
    Metrics unused;
    Metrics& metrics = telemetry_ ? telemetry_->metrics() : unused;
    snapshot_ = BuildSnapshot(loaded_, upstreams_, {}, metrics, problems);
    return snapshot_ != nullptr;
  }

  bool OpenListeners(std::vector<Problem>& problems) {
    for (int i = 0; i < loaded_.config.listeners_size(); ++i) {
      const config::Listener& config = loaded_.config.listeners(i);
      const std::string key = IndexKey("listeners", static_cast<std::size_t>(i)) + ".address";
      listeners_[config.name()] = Open(config.address(), key, problems);
    }
    admin_ = Open(loaded_.config.admin().address(), "admin.address", problems);
    return problems.empty();
  }

  void Serve() {
    const std::size_t routes = snapshot_->table().routes().size();
    StartWorkers();
    WatchReflection();
    for (int i = 0; i < loaded_.config.listeners_size(); ++i) {
      const config::Listener& config = loaded_.config.listeners(i);
      auto& options = listener_options_[config.name()];
      options = session_options_;
      if (config.has_tls()) options.handshake_timeout = ToChrono(config.tls().handshake_timeout());
      Start(*listeners_[config.name()], {.hosts = hosts_,
                                         .options = &options,
                                         .tls = tls_contexts_[static_cast<std::size_t>(i)].get(),
                                         .limit = &limit_,
                                         .observer = ObserverOf(config.name())});
      spdlog::info("listener {} serves {} on {}", config.name(),
                   config.has_tls() ? "HTTPS" : "HTTP", listeners_[config.name()]->BoundAddress());
    }
    Start(*admin_, {.hosts = admin_host_,
                    .options = &admin_options_,
                    .limit = &admin_limit_,
                    .observer = ObserverOf(std::string(kAdminListener))});
    spdlog::info("admin on {}; {} routes, {} workers", admin_->BoundAddress(), routes,
                 workers_.size());
  }

  // Serves requests that come from now on with `snapshot`; those in flight keep theirs. Returns
  // when all workers do so, and blocks until then: not for the threads of workers. One at a time.
  void Publish(std::shared_ptr<const Snapshot> snapshot) {
    for (auto& worker : workers_) {
      RunOn(worker->worker, [&] { worker->transcoding->Use(snapshot); });
    }
    // What was served before goes here, not on a thread that others wait for.
    RunOn(control_.worker, [&] { snapshot_.swap(snapshot); });
  }

  std::uint16_t port(std::string_view name) const {
    const auto found = listeners_.find(name);
    return found == listeners_.end() ? 0 : found->second->port();
  }
  std::uint16_t admin_port() const { return admin_->port(); }

  void BeginDrain() {
    if (draining_.exchange(true)) return;
    control_.worker.Post([this] {
      asio::co_spawn(control_.worker.executor(), Drain(),
                     [this](const std::exception_ptr&, bool clean) { drained_.set_value(clean); });
    });
  }

  bool WaitUntilDrained() { return drained_clean_.get(); }

 private:
  std::shared_ptr<Listener> Open(const std::string& address, const std::string& key,
                                 std::vector<Problem>& problems) {
    auto listener = Listener::Open(control_.worker.executor(), address);
    if (listener) return *std::move(listener);
    problems.push_back(loaded_.positions.At(key, listener.error()));
    return nullptr;
  }

  void Start(Listener& listener, Listener::Serving serving) {
    RunOn(control_.worker, [&] { listener.Start(std::move(serving)); });
  }

  void StartWorkers() {
    for (std::size_t i = 0; i < worker_count_; ++i) {
      auto& worker = *workers_.emplace_back(std::make_unique<ServingWorker>());
      auto handler = std::make_unique<TranscodingHandler>(
          snapshot_, CallLane{worker.worker.queue(), i}, telemetry_->AddWorker());
      worker.transcoding = handler.get();
      worker.handler = std::move(handler);
      hosts_.push_back(worker.Host());
    }
    health_.emplace(loaded_.config, upstreams_, control_.worker.queue(),
                    control_.worker.executor());
    control_.handler = std::make_unique<AdminHandler>(
        AdminState{.snapshot = [this] { return snapshot_; },
                   .not_ready = [this] { return WhyNotReady(); },
                   .refresh_failure = [this] { return WhyNotFresh(); },
                   .metrics = &telemetry_->metrics(),
                   .upstream_health = &*health_});
    admin_host_.push_back(control_.Host());
  }

  // Those that are there before anything is counted.
  void AddKnownSeries() {
    Metrics& metrics = telemetry_->metrics();
    for (const config::Upstream& upstream : loaded_.config.upstreams()) {
      metrics.AddUpstream(upstream.name());
    }
    for (int i = 0; i < loaded_.config.listeners_size(); ++i) {
      const auto& tls = tls_contexts_[static_cast<std::size_t>(i)];
      const auto expiry = tls ? CertificateExpiry(*tls) : std::nullopt;
      if (!expiry) continue;
      certificate_expiry_[loaded_.config.listeners(i).name()] = *expiry;
      metrics.AddTlsListener(loaded_.config.listeners(i).name(), *expiry);
    }
  }

  std::string WhyNotReady() const {
    if (draining_) return "draining";
    for (const auto& [listener, expiry] : certificate_expiry_) {
      if (expiry < std::chrono::system_clock::now()) {
        return fmt::format("the certificate of listener {} has expired", listener);
      }
    }
    return watch_ ? watch_->WaitingFor() : "";
  }

  std::string WhyNotFresh() const { return watch_ ? watch_->LastFailure() : ""; }

  void WatchReflection() {
    const config::Descriptors& descriptors = loaded_.config.descriptors();
    if (descriptors.reflection().empty()) return;
    watch_.emplace(
        descriptors, upstreams_,
        [this](const ReflectedDescriptors& reflected) { return ServeWith(reflected); },
        [&metrics = telemetry_->metrics()](bool succeeded) {
          succeeded ? metrics.NoteUpToDate() : metrics.CountReload(false);
        });
  }

  std::optional<std::string> ServeWith(const ReflectedDescriptors& reflected) {
    std::vector<Problem> problems;
    Metrics& metrics = telemetry_->metrics();
    auto snapshot = BuildSnapshot(loaded_, upstreams_, reflected, metrics, problems);
    // What completes the API for the first time is no reload.
    if (snapshot_->complete() || !snapshot) metrics.CountReload(snapshot != nullptr);
    if (!snapshot) return Summary(problems);
    spdlog::info("serving {} routes of {} services", snapshot->table().routes().size(),
                 snapshot->descriptors().services().size());
    Publish(std::move(snapshot));
    return std::nullopt;
  }

  ConnectionObserver ObserverOf(const std::string& listener) {
    auto& active = telemetry_->metrics().active_connections.Add({{"listener", listener}});
    auto& rejected = telemetry_->metrics().rejected_connections.Add({{"listener", listener}});
    return {.opened = [&active] { active.Increment(); },
            .closed = [&active] { active.Decrement(); },
            .rejected = [&rejected] { rejected.Increment(); }};
  }

  // On the control thread. True: all connections ended by themselves.
  Task<bool> Drain() {
    spdlog::info("draining: not ready any more, accepting for {} more",
                 FormatDuration(ToChrono(loaded_.config.drain().delay())));
    OnEachWorker([](ServingWorker& worker) { worker.draining = true; });
    co_await DrainDelay();
    for (auto& [name, listener] : listeners_) {
      listener->AcceptWaiting();
      listener->Close();
    }
    OnEachWorker([](ServingWorker& worker) { worker.worker.connections().CloseIdle(); });
    const nanoseconds timeout = ToChrono(loaded_.config.drain().timeout());
    const nanoseconds farewell = std::min<nanoseconds>(kFarewellTime, timeout / 4);
    bool clean = co_await WaitForConnections(timeout - farewell, &ConnectionRegistry::CloseIdle);
    if (!clean) clean = co_await WaitForConnections(farewell, &ConnectionRegistry::AskToEnd);
    if (!clean) {
      spdlog::warn("draining: {} connections are still busy after {}, and are cut",
                   limit_.open.load(), FormatDuration(ToChrono(loaded_.config.drain().timeout())));
    }
    spdlog::info("drained");
    co_return clean;
  }

  Task<> DrainDelay() {
    const auto end = std::chrono::steady_clock::now() + ToChrono(loaded_.config.drain().delay());
    while (!ending_ && std::chrono::steady_clock::now() < end) co_await Sleep(kDrainPoll);
  }

  // Calls `hasten` again and again: a connection may have become idle since, a request that was
  // being read, say, and whose answer came before the flag.
  Task<bool> WaitForConnections(nanoseconds timeout, void (ConnectionRegistry::*hasten)()) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (limit_.open.load(std::memory_order_acquire) > 0) {
      if (ending_ || std::chrono::steady_clock::now() >= deadline) co_return false;
      co_await Sleep(kDrainPoll);
      OnEachWorker([hasten](ServingWorker& worker) { (worker.worker.connections().*hasten)(); });
    }
    co_return true;
  }

  Task<> Sleep(nanoseconds duration) {
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer(control_.worker.executor());
    timer.expires_after(duration);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(use_task, ignored));
  }

  template <class Action>
  void OnEachWorker(Action action) {
    for (auto& worker : workers_) {
      worker->worker.Post([&target = *worker, action] { action(target); });
    }
  }

  // Returns after `action` has run on the worker's thread.
  template <class Action>
  static void RunOn(Worker& worker, Action action) {
    auto done = std::make_shared<std::promise<void>>();
    const auto ran = done->get_future();
    worker.Post([action, done] {
      action();
      done->set_value();
    });
    ran.wait();
  }

  // Ends all connections and waits for them, so that nothing runs any more when the members go.
  void CutEverything() {
    RunOn(control_.worker, [this] {
      for (auto& [name, listener] : listeners_) {
        if (listener) listener->Close();
      }
      if (admin_) admin_->Close();
      if (health_) health_->Stop();
    });
    // Connections that had just been accepted count as open after this.
    RunOn(control_.worker, [] {});
    const auto deadline = std::chrono::steady_clock::now() + kCutTimeout;
    while (limit_.open.load() + admin_limit_.open.load() > 0 &&
           std::chrono::steady_clock::now() < deadline) {
      OnEachWorker([](ServingWorker& worker) { worker.worker.connections().CloseAll(); });
      control_.worker.Post([this] { control_.worker.connections().CloseAll(); });
      std::this_thread::sleep_for(kDrainPoll);
    }
  }

  const LoadedConfig loaded_;
  const std::size_t worker_count_;
  const SessionOptions session_options_;
  SessionOptions admin_options_;
  std::map<std::string, SessionOptions, std::less<>> listener_options_;
  const TlsContexts tls_contexts_;
  std::map<std::string, std::chrono::system_clock::time_point> certificate_expiry_;
  std::unique_ptr<Telemetry> telemetry_;
  ConnectionLimit limit_;
  ConnectionLimit admin_limit_{.max = 1000};
  std::atomic<bool> draining_{false};
  std::atomic<bool> ending_{false};  // the destructor has begun: a drain is given up
  std::promise<bool> drained_;
  const std::shared_future<bool> drained_clean_{drained_.get_future()};
  Upstreams upstreams_;
  std::shared_ptr<const Snapshot> snapshot_;  // on the control thread, once that runs
  std::vector<SessionHost> hosts_;
  std::vector<SessionHost> admin_host_;
  std::vector<std::unique_ptr<ServingWorker>> workers_;
  std::optional<UpstreamHealth> health_;  // on the control thread
  ServingWorker control_;                 // accepts, drains, and serves the admin listener
  std::map<std::string, std::shared_ptr<Listener>, std::less<>> listeners_;
  std::shared_ptr<Listener> admin_;
  std::optional<ReflectionWatch> watch_;
};

App::App(std::unique_ptr<State> state) : state_(std::move(state)) {}
App::~App() = default;

std::unique_ptr<App> App::Start(LoadedConfig loaded, std::vector<Problem>& problems) {
  TlsContexts tls = MakeTlsContexts(loaded, problems);
  auto state = std::make_unique<State>(std::move(loaded), std::move(tls));
  if (!state->Load(problems) || !problems.empty() || !state->OpenListeners(problems))
    return nullptr;
  state->Serve();
  return std::unique_ptr<App>(new App(std::move(state)));
}

std::shared_ptr<const Snapshot> App::Check(const LoadedConfig& loaded,
                                           std::vector<Problem>& problems) {
  MakeTlsContexts(loaded, problems);
  Telemetry::Check(loaded, ProcessEnvironment, problems);
  const Upstreams upstreams = MakeUpstreams(loaded, /*workers=*/1, problems);
  const ReflectedDescriptors reflected = AskUpstreams(loaded, upstreams, problems);
  struct Checked {
    Metrics metrics;  // which the snapshot refers to
    std::shared_ptr<const Snapshot> snapshot;
  };
  const auto checked = std::make_shared<Checked>();
  checked->snapshot = BuildSnapshot(loaded, upstreams, reflected, checked->metrics, problems);
  return {checked, checked->snapshot.get()};
}

std::uint16_t App::port(std::string_view name) const { return state_->port(name); }
std::uint16_t App::admin_port() const { return state_->admin_port(); }
void App::BeginDrain() { state_->BeginDrain(); }
bool App::WaitUntilDrained() { return state_->WaitUntilDrained(); }

}  // namespace puente
