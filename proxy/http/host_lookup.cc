#include "proxy/http/host_lookup.h"

#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace puente {
namespace {

// How long what was found is used.
constexpr auto kFresh = std::chrono::seconds(1);

}  // namespace

// What the worker and the thread that looks up share.
struct HostLookup::Question : std::enable_shared_from_this<Question> {
  Question(std::string host, std::uint16_t port, HostLookup& asker)
      : host(std::move(host)), port(port), asker(&asker), post(asker.post_) {}

  void LookUp() {
    auto found = std::make_shared<HostLookup::Answer>(LookUpHost(host, port));
    const std::lock_guard lock(mutex);
    if (!post) return;
    post([self = shared_from_this(), found] {
      if (self->asker != nullptr) self->asker->OnAnswer(*std::move(found));
    });
  }

  // Nobody is left to be told. On the worker's thread.
  void Abandon() {
    asker = nullptr;
    const std::lock_guard lock(mutex);
    post = nullptr;
  }

  const std::string host;
  const std::uint16_t port;
  HostLookup* asker;  // the worker's
  std::mutex mutex;   // of what follows
  Post post;
};

HostLookup::HostLookup(std::string host, std::uint16_t port, Post post)
    : host_(std::move(host)), port_(port), post_(std::move(post)) {
  if (auto addresses = AddressesOfLiteral(host_, port_)) {
    answer_ = *std::move(addresses);
    fresh_until_ = Clock::time_point::max();
  }
}

HostLookup::~HostLookup() {
  if (running_) running_->Abandon();
}

Task<HostLookup::Answer> HostLookup::Find(Event& given_up) {
  if (Clock::now() < fresh_until_) co_return *answer_;
  waiting_.push_back(&given_up);
  if (!running_) Ask();
  co_await given_up.Wait();
  const bool left = std::erase(waiting_, &given_up) > 0;
  if (left) co_return tl::unexpected(std::string("the name was not resolved in time"));
  co_return *answer_;
}

void HostLookup::Ask() {
  running_ = std::make_shared<Question>(host_, port_, *this);
  try {
    std::thread([question = running_] { question->LookUp(); }).detach();
  } catch (const std::system_error&) {
    OnAnswer(tl::unexpected(std::string("there is no room for one more thread")));
  }
}

void HostLookup::OnAnswer(Answer answer) {
  running_.reset();
  if (answer) fresh_until_ = Clock::now() + kFresh;
  answer_ = std::move(answer);
  for (Event* waiting : std::exchange(waiting_, {})) waiting->Set();
}

}  // namespace puente
