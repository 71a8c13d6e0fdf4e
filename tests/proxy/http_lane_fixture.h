// A worker's side of HTTP upstreams on a thread of its own, for tests to call servers from.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "config/duration_text.h"
#include "proxy/event_loop.h"
#include "proxy/upstream/http_call.h"
#include "tests/support/wait_until.h"

namespace puente::test {

// What a request is made of, and what becomes of it.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string body = {};  // sent with a length, where there is one
  std::optional<std::chrono::milliseconds> timeout = {};
  HttpCall::Connections connections = HttpCall::Connections::kAny;
  DeadlineBy timeout_by = DeadlineBy::kRoute;
};
struct HttpOutcome {
  int status = 0;  // 0: no answer
  std::vector<Header> headers = {};
  std::string body = {};
  std::optional<Error> error = {};
  bool stale = false;
  bool sent = false;
  std::size_t target = 0;
};

class HttpLaneTest : public testing::Test {
 protected:
  HttpLaneTest() : thread_([this] { loop_.Run(); }) {}

  ~HttpLaneTest() override {
    loop_.Post([this] {
      lane_.Close();
      loop_.Stop();
    });
    thread_.join();
  }

  static config::Upstream ConfigOf(const std::vector<std::string>& urls) {
    config::Upstream config;
    config.set_name("legacy");
    config::HttpUpstream& http = *config.mutable_http();
    if (urls.size() == 1) http.set_url(urls[0]);
    if (urls.size() > 1) http.mutable_urls()->Assign(urls.begin(), urls.end());
    http.set_max_connections(256);
    *http.mutable_connect_timeout() = ToProto(std::chrono::seconds(5));
    *http.mutable_idle_timeout() = ToProto(std::chrono::seconds(30));
    return config;
  }

  static std::shared_ptr<HttpUpstream> MakeUpstream(const config::Upstream& config) {
    std::vector<Problem> problems;
    auto upstream = HttpUpstream::Make(config, /*lanes=*/1, problems);
    for (const Problem& problem : problems) ADD_FAILURE() << ToString(problem);
    return upstream;
  }
  static std::shared_ptr<HttpUpstream> MakeUpstream(const std::string& address) {
    return MakeUpstream(ConfigOf({"http://" + address}));
  }

  // Begins what `make` makes, on the loop's thread.
  template <class T>
  std::future<T> Begin(std::function<Task<T>()> make) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    loop_.Post([this, make = std::move(make), promise] {
      asio::co_spawn(loop_.executor(), Keep(make, promise), asio::detached);
    });
    return future;
  }
  template <class T>
  T Run(std::function<Task<T>()> make) {
    auto future = Begin<T>(std::move(make));
    if (future.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "it does not end";
      std::abort();
    }
    return future.get();
  }

  std::future<HttpOutcome> BeginFetch(HttpUpstream& upstream, HttpRequest request = {}) {
    return Begin<HttpOutcome>(
        [this, &upstream, request] { return FetchOnLoop(upstream, lane_, request); });
  }
  HttpOutcome Fetch(HttpUpstream& upstream, HttpRequest request = {}) {
    return Run<HttpOutcome>(
        [this, &upstream, request] { return FetchOnLoop(upstream, lane_, request); });
  }

  static std::optional<SteadyTime> DeadlineIn(std::optional<std::chrono::milliseconds> timeout) {
    if (!timeout) return std::nullopt;
    return std::chrono::steady_clock::now() + *timeout;
  }

  // Reads the answer of a call that was started.
  static Task<> ReadAnswer(HttpCall& call, HttpOutcome& outcome) {
    const Result<void> head = co_await call.ReadHead();
    if (head) {
      outcome.status = call.head().status;
      for (const auto& [name, value] : call.head().headers) {
        outcome.headers.push_back({std::string(name), std::string(value)});
      }
    } else {
      outcome.error = head.error();
    }
    bool more = head.has_value();
    while (more) {
      const Result<bool> read = co_await call.ReadBodySome(outcome.body);
      if (!read) outcome.error = read.error();
      more = read && *read;
    }
  }

  EventLoop loop_;
  HttpLane lane_{loop_.executor(),
                 [this](std::function<void()> action) { loop_.Post(std::move(action)); }, 0};
  std::thread thread_;

 private:
  template <class T>
  static Task<> Keep(std::function<Task<T>()> make, std::shared_ptr<std::promise<T>> promise) {
    T result = co_await make();
    promise->set_value(std::move(result));
  }

  static Task<HttpOutcome> FetchOnLoop(HttpUpstream& upstream, HttpLane& lane,
                                       HttpRequest request) {
    const std::vector<HeaderView> headers{{"Host", "api.example"}};
    HttpRequestHead head;
    head.method = request.method;
    head.base_path = upstream.base_path();
    head.target = request.target;
    head.headers = headers;
    if (!request.body.empty()) head.framing = HttpRequestHead::Framing::kLength;
    head.content_length = request.body.size();
    HttpOutcome outcome;
    HttpCall call(upstream, lane, DeadlineIn(request.timeout), request.connections,
                  request.timeout_by);
    const Result<void> started = co_await call.Start(head, request.body);
    if (started) {
      co_await ReadAnswer(call, outcome);
    } else {
      outcome.error = started.error();
    }
    outcome.stale = call.is_stale();
    outcome.sent = call.was_sent();
    outcome.target = call.target();
    co_return outcome;
  }
};

}  // namespace puente::test
