#include "proxy/app.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "proxy/admin_handler.h"
#include "proxy/drain.h"
#include "proxy/generation.h"
#include "proxy/granted_cpus.h"
#include "proxy/listeners.h"
#include "proxy/live_generation.h"
#include "proxy/reload/file_watch.h"
#include "proxy/reload/reloader.h"
#include "proxy/reload/watched_files.h"
#include "proxy/serving_worker.h"
#include "proxy/split_control.h"
#include "proxy/telemetry/telemetry.h"
#include "proxy/upstream_health.h"

namespace puente {
namespace {

// How long connections that were cut at the end of a drain may take to end.
constexpr auto kCutTimeout = std::chrono::seconds(3);
constexpr auto kCutPoll = std::chrono::milliseconds(20);
// How often ttls and rollouts are looked at.
constexpr auto kTrafficTick = std::chrono::milliseconds(100);
constexpr std::string_view kAdminListener = "admin";
// The control thread makes no calls for requests, but it has a lane like the workers.
constexpr std::size_t kNoLane = 0;

std::size_t WorkerCount(const config::Config& config) {
  return config.workers() > 0 ? config.workers() : static_cast<std::size_t>(GrantedCpus());
}

std::string CauseOf(const std::vector<std::string>& files) {
  return files.size() == 1 ? fmt::format("{} changed", files.front())
                           : fmt::format("{} files changed", files.size());
}

}  // namespace

// Members are destroyed in reverse: first what watches and reloads, then the listeners, then the
// workers with their threads, then what those used.
class App::State {
 public:
  State(LoadedConfig loaded, ConfigSource source)
      : worker_count_(WorkerCount(loaded.config)),
        source_(std::move(source)),
        loaded_(std::make_shared<LoadedConfig>(std::move(loaded))) {
    limit_.max = loaded_->config.limits().max_connections();
  }

  ~State() {
    ending_ = true;
    if (files_) files_->Stop();
    if (reloader_) reloader_->Stop();
    if (live_) live_->Stop();
    CutEverything();
    if (draining_) drained_clean_.wait();
  }

  bool Load(std::vector<Problem>& problems) {
    // Before anything is read: what changes meanwhile is read again.
    files_.emplace(WatchedFiles(source_.file, loaded_->config),
                   [this](const auto& files) { OnFilesChanged(files); });
    certificates_ = ListenerCertificates::Read(*loaded_, problems);
    telemetry_ = Telemetry::Open(*loaded_, ProcessEnvironment, problems);
    // Also without telemetry, so that all that is wrong is told at once.
    Metrics unused;
    Metrics& metrics = telemetry_ ? telemetry_->metrics() : unused;
    generation_ =
        BuildGeneration(loaded_, MakeUpstreams(*loaded_, worker_count_, nullptr, problems), {},
                        nullptr, metrics, problems);
    return generation_ != nullptr && problems.empty();
  }

  bool OpenListeners(std::vector<Problem>& problems) {
    listeners_.emplace(control_.worker.executor(), telemetry_->metrics());
    listeners_->Open(*loaded_, *std::move(certificates_), problems);
    auto admin = Listener::Open(control_.worker.executor(), loaded_->config.admin().address());
    if (admin) {
      admin_ = *std::move(admin);
    } else {
      problems.push_back(loaded_->positions.At("admin.address", admin.error()));
    }
    return problems.empty();
  }

  void Serve() {
    const std::size_t routes = generation_->snapshot->table().routes().size();
    StartWorkers();
    live_.emplace(std::move(generation_), source_,
                  LiveParts{workers_, control_, *listeners_, telemetry_->metrics(), *files_});
    reloader_.emplace([this] { return live_->Reload(); });
    StartControl();
    RunOn(control_.worker, [this] {
      listeners_->Start(loaded_->config, hosts_, limit_);
      admin_->Start({.hosts = admin_host_,
                     .options = AdminOptions(),
                     .limit = &admin_limit_,
                     .observer = ObserverOf(std::string(kAdminListener), telemetry_->metrics())});
      asio::co_spawn(control_.worker.executor(), TickTraffic(), asio::detached);
    });
    spdlog::info("admin on {}; {} routes, {} workers", admin_->BoundAddress(), routes,
                 workers_.size());
    is_serving_ = true;
    if (files_changed_early_.exchange(false)) reloader_->Request("files changed");
  }

  std::uint16_t port(std::string_view name) const { return listeners_->port(name); }
  std::uint16_t admin_port() const { return admin_->port(); }

  void Reload(std::string cause) { reloader_->Request(std::move(cause)); }

  void BeginDrain() {
    if (draining_.exchange(true)) return;
    drain_.emplace(control_.worker.executor(), workers_, *listeners_, limit_, ending_);
    control_.worker.Post([this] {
      asio::co_spawn(control_.worker.executor(),
                     drain_->Run(live_->current()->loaded->config.drain()),
                     [this](const std::exception_ptr&, bool clean) { drained_.set_value(clean); });
    });
  }

  bool WaitUntilDrained() { return drained_clean_.get(); }

 private:
  void OnFilesChanged(const std::vector<std::string>& files) {
    files_changed_early_ = true;
    if (is_serving_ && files_changed_early_.exchange(false)) reloader_->Request(CauseOf(files));
  }

  void StartWorkers() {
    for (std::size_t i = 0; i < worker_count_; ++i) {
      auto& serving = *workers_.emplace_back(std::make_unique<ServingWorker>(i));
      auto handler =
          std::make_unique<TranscodingHandler>(generation_->snapshot, serving.worker.call_lane(),
                                               serving.worker.http_lane(), telemetry_->AddWorker());
      serving.transcoding = handler.get();
      serving.handler = std::move(handler);
      hosts_.push_back(serving.Host());
    }
  }

  void StartControl() {
    control_.handler = std::make_unique<AdminHandler>(AdminState{
        .generation = [this] { return live_->current(); },
        .not_ready = [this] { return WhyNotReady(); },
        .refresh_failure = [this] { return live_->WhyNotFresh(); },
        .metrics = &telemetry_->metrics(),
        .upstream_health = [this]() -> UpstreamHealth& { return live_->health(); },
        .reload =
            [this](std::string cause, Reloader::Done done) {
              reloader_->Request(std::move(cause), std::move(done));
            },
        .drain = [this] { BeginDrain(); },
        .executor = control_.worker.executor(),
        .post = [this](std::function<void()> action) { control_.worker.Post(std::move(action)); }});
    admin_host_.push_back(control_.Host());
  }

  std::string WhyNotReady() const {
    if (draining_) return "draining";
    const std::string expired = listeners_->Expired();
    if (!expired.empty()) return fmt::format("the certificate of listener {} has expired", expired);
    return live_->WaitingFor();
  }

  // On the control thread.
  Task<> TickTraffic() {
    while (!ending_) {
      const auto now = std::chrono::steady_clock::now();
      for (const auto& policy : live_->current()->policies->all()) {
        if (policy->split) TickSplit(*policy, now);
      }
      Event ending(control_.worker.executor());
      ticking_ = &ending;
      co_await ending.WaitFor(kTrafficTick);
      ticking_ = nullptr;
    }
  }

  template <class Action>
  void OnEachWorker(Action action) {
    for (auto& worker : workers_) {
      worker->worker.Post([&target = *worker, action] { action(target); });
    }
  }

  std::shared_ptr<const SessionOptions> AdminOptions() const {
    SessionOptions options;
    options.idle_timeout = SessionOptionsOf(loaded_->config).idle_timeout;
    return std::make_shared<const SessionOptions>(options);
  }

  // Ends all connections and waits for them, so that nothing runs any more when the members go.
  void CutEverything() {
    RunOn(control_.worker, [this] {
      if (ticking_ != nullptr) ticking_->Set();
      if (listeners_) listeners_->Close();
      if (admin_) admin_->Close();
    });
    // Connections that had just been accepted count as open after this.
    RunOn(control_.worker, [] {});
    const auto deadline = std::chrono::steady_clock::now() + kCutTimeout;
    while (limit_.open.load() + admin_limit_.open.load() > 0 &&
           std::chrono::steady_clock::now() < deadline) {
      OnEachWorker([](ServingWorker& worker) { worker.worker.connections().CloseAll(); });
      control_.worker.Post([this] { control_.worker.connections().CloseAll(); });
      std::this_thread::sleep_for(kCutPoll);
    }
    OnEachWorker([](ServingWorker& worker) { worker.transcoding->Close(); });
  }

  const std::size_t worker_count_;
  const ConfigSource source_;
  const std::shared_ptr<const LoadedConfig> loaded_;  // at the start
  std::optional<ListenerCertificates> certificates_;  // until listeners have them
  std::unique_ptr<Telemetry> telemetry_;
  ConnectionLimit limit_;
  ConnectionLimit admin_limit_{.max = 1000};
  std::atomic<bool> draining_{false};
  std::atomic<bool> ending_{false};  // the destructor has begun: a drain is given up
  std::atomic<bool> is_serving_{false};
  std::atomic<bool> files_changed_early_{false};
  std::promise<bool> drained_;
  const std::shared_future<bool> drained_clean_{drained_.get_future()};
  std::shared_ptr<const Generation> generation_;  // until live_ has it
  std::vector<SessionHost> hosts_;
  std::vector<SessionHost> admin_host_;
  Event* ticking_ = nullptr;  // on the control thread: what it waits for
  std::vector<std::unique_ptr<ServingWorker>> workers_;
  std::optional<LiveGeneration> live_;
  ServingWorker control_{kNoLane};  // accepts, drains, and serves the admin listener
  std::optional<Listeners> listeners_;
  std::shared_ptr<Listener> admin_;
  std::optional<Drain> drain_;
  std::optional<Reloader> reloader_;
  std::optional<FileWatch> files_;
};

App::App(std::unique_ptr<State> state) : state_(std::move(state)) {}
App::~App() = default;

std::unique_ptr<App> App::Start(LoadedConfig loaded, std::vector<Problem>& problems,
                                ConfigSource source) {
  auto state = std::make_unique<State>(std::move(loaded), std::move(source));
  if (!state->Load(problems) || !state->OpenListeners(problems)) return nullptr;
  state->Serve();
  return std::unique_ptr<App>(new App(std::move(state)));
}

std::shared_ptr<const Snapshot> App::Check(const LoadedConfig& loaded,
                                           std::vector<Problem>& problems) {
  ListenerCertificates::Read(loaded, problems);
  Telemetry::Check(loaded, ProcessEnvironment, problems);
  Upstreams upstreams = MakeUpstreams(loaded, /*workers=*/1, nullptr, problems);
  const ReflectedDescriptors reflected = AskUpstreams(loaded, upstreams.grpc, problems);
  struct Checked {
    Metrics metrics;  // which the snapshot refers to
    std::shared_ptr<const Generation> generation;
  };
  const auto checked = std::make_shared<Checked>();
  checked->generation =
      BuildGeneration(std::make_shared<LoadedConfig>(loaded), std::move(upstreams), reflected,
                      nullptr, checked->metrics, problems);
  if (!checked->generation) return nullptr;
  return {checked, checked->generation->snapshot.get()};
}

std::uint16_t App::port(std::string_view name) const { return state_->port(name); }
std::uint16_t App::admin_port() const { return state_->admin_port(); }
void App::Reload(std::string cause) { state_->Reload(std::move(cause)); }
void App::BeginDrain() { state_->BeginDrain(); }
bool App::WaitUntilDrained() { return state_->WaitUntilDrained(); }

}  // namespace puente
