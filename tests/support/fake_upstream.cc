#include "tests/support/fake_upstream.h"

#include <algorithm>
#include <utility>

#include "tests/support/upstream_server.h"
#include "tests/support/upstream_state.h"

namespace puente::test {

std::optional<std::string> FindMetadata(const Metadata& metadata, const std::string& key) {
  const auto found = std::ranges::find(metadata, key, &Metadata::value_type::first);
  return found == metadata.end() ? std::nullopt : std::optional(found->second);
}

FakeUpstream::FakeUpstream(UpstreamOptions options)
    : options_(std::move(options)), state_(std::make_shared<UpstreamState>()) {
  Start();
}

FakeUpstream::~FakeUpstream() { Stop(); }

std::uint16_t FakeUpstream::port() const { return options_.port; }

std::string FakeUpstream::target() const { return "127.0.0.1:" + std::to_string(port()); }

void FakeUpstream::OnUnary(const std::string& method, UnaryScript script) {
  const std::lock_guard lock(state_->mutex);
  state_->scripts.insert_or_assign(method, std::move(script));
}

void FakeUpstream::OnUnary(const std::string& method, UnaryReply reply) {
  OnUnary(method, [reply = std::move(reply)](const UnaryRequest&) { return reply; });
}

void FakeUpstream::OnStream(const std::string& method, StreamScript script) {
  const std::lock_guard lock(state_->mutex);
  state_->scripts.insert_or_assign(method, std::move(script));
}

void FakeUpstream::HoldReplies() {
  const std::lock_guard lock(state_->mutex);
  state_->holding = true;
}

void FakeUpstream::Release() {
  const std::lock_guard lock(state_->mutex);
  state_->holding = false;
  state_->changed.notify_all();
}

std::vector<RecordedCall> FakeUpstream::Calls() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->calls.begin(), state_->calls.end()};
}

std::size_t FakeUpstream::CallCount() const {
  const std::lock_guard lock(state_->mutex);
  return state_->calls.size();
}

bool FakeUpstream::WaitForCalls(std::size_t count, std::chrono::milliseconds patience) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, patience, [&] { return state_->calls.size() >= count; });
}

bool FakeUpstream::WaitForCancelled(std::size_t count, std::chrono::milliseconds patience) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, patience, [&] {
    const auto cancelled = std::ranges::count(state_->calls, true, &RecordedCall::cancelled);
    return static_cast<std::size_t>(cancelled) >= count;
  });
}

void FakeUpstream::Stop() { server_.reset(); }

void FakeUpstream::Start() {
  if (server_ != nullptr) return;
  server_ = std::make_unique<UpstreamServer>(options_, state_);
  options_.port = server_->port();
}

}  // namespace puente::test
