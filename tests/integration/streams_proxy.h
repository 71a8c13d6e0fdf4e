// A proxy in front of the API of tests/testdata/streams.proto, whose upstream does what a test
// says.
#pragma once

#include <cstddef>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "streams.pb.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/fake_upstream.h"

namespace puente::test {

inline constexpr char kEditNote[] = "/streams.v1.Notes/Edit";
inline constexpr char kWatchNotes[] = "/streams.v1.Notes/Watch";
inline constexpr char kSendNotes[] = "/streams.v1.Notes/Send";
inline constexpr char kTalk[] = "/streams.v1.Notes/Talk";

// Their paths. Note.room is "r" for all of them.
inline constexpr char kEditPath[] = "/v1/rooms/r/notes:edit";
inline constexpr char kWatchPath[] = "/v1/rooms/r/notes";
inline constexpr char kSendPath[] = "/v1/rooms/r/notes:send";
inline constexpr char kTalkPath[] = "/v1/rooms/r/notes:talk";

// The configuration, with `more` top-level keys, for an upstream at `target`. `tls` has the
// listener's keys of that name; empty: it has no TLS.
std::string StreamsConfig(const std::string& target, const std::string& more = {},
                          const std::string& tls = {});
// With `timeout` on all routes.
std::string StreamsTimeout(const std::string& timeout);

struct StreamsProxy {
  explicit StreamsProxy(const std::string& more = {}, UpstreamOptions options = {})
      : upstream(std::move(options)),
        proxy(ProxyUnderTest::FromConfig(StreamsConfig(upstream.target(), more))) {}

  // Whether the upstream has read, within kPatience, so many messages of its call number `call`.
  bool WaitForRequests(std::size_t count, std::size_t call = 0) const;
  // Those that it has read so far.
  template <class Message = streams::v1::Note>
  std::vector<Message> Requests(std::size_t call = 0) const {
    const RecordedCall recorded = upstream.Calls().at(call);
    std::vector<Message> messages;
    for (const std::string& bytes : recorded.requests) {
      EXPECT_TRUE(messages.emplace_back().ParseFromString(bytes));
    }
    return messages;
  }
  // Whether no connection is left, and what ran for them has ended.
  bool WaitUntilIdle() const;

  FakeUpstream upstream;
  ProxyUnderTest proxy;
};

// A script's permission to go on, each of them given by the test.
class Turns {
 public:
  void Give() { turns_.release(); }
  // False: none was given in time.
  bool Take(std::chrono::milliseconds patience = kPatience) {
    return turns_.try_acquire_for(patience);
  }

 private:
  std::counting_semaphore<> turns_{0};
};

// As JSON it is {"text":"…"}.
streams::v1::Note NoteOf(const std::string& text);

// Scripts: counts all messages and what they are long; answers each note with itself.
grpc::Status CountAll(UpstreamStream& stream);
grpc::Status EchoAll(UpstreamStream& stream);

}  // namespace puente::test
