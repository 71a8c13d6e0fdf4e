// A real gRPC server in the test's own process, for any method, that does what the test says.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/certificates.h"
#include "tests/support/wait_until.h"

namespace puente::test {

// Keys in lower case; values of "-bin" keys are raw bytes. Sorted by key, as grpc++ has them.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// The value of the first entry of `key`; nullopt when there is none.
std::optional<std::string> FindMetadata(const Metadata& metadata, const std::string& key);

// What the server saw of a call.
struct RecordedCall {
  std::string method;                 // "/pkg.Service/Method"
  std::vector<std::string> requests;  // those that the script has read so far
  Metadata metadata;
  std::optional<std::chrono::system_clock::time_point> deadline;
  bool finished = false;   // its end is known
  bool cancelled = false;  // it ended without the client taking the whole answer
};

struct UnaryRequest {
  std::string bytes;
  Metadata metadata;
  std::optional<std::chrono::system_clock::time_point> deadline;
};

struct UnaryReply {
  grpc::Status status;  // OK; not a copy of Status::OK, which may not be there yet for constants
  std::string bytes;    // sent when the status is OK
  Metadata initial_metadata;
  Metadata trailing_metadata;

  static UnaryReply Message(const google::protobuf::MessageLite& message) {
    return {grpc::Status::OK, message.SerializeAsString(), {}, {}};
  }
};

// A call of any kind in the hands of its script. Used by the script's thread only, save
// IsCancelled.
class UpstreamStream {
 public:
  virtual ~UpstreamStream() = default;
  virtual const Metadata& metadata() const = 0;
  // The next request message; nullopt when the client has sent all, or the call has ended.
  virtual std::optional<std::string> Read() = 0;
  // Sends a message, and waits until gRPC has taken it: a client that does not read makes it wait.
  // False when the call has ended.
  virtual bool Write(std::string bytes) = 0;
  bool Write(const google::protobuf::MessageLite& message) {
    return Write(message.SerializeAsString());
  }
  // Sent at once; only before the first Write.
  virtual bool SendInitialMetadata(const Metadata& metadata) = 0;
  // Goes with the status that the script returns.
  virtual void AddTrailingMetadata(const std::string& key, const std::string& value) = 0;
  virtual bool IsCancelled() const = 0;
  // Whether the call was cancelled within `patience`.
  virtual bool WaitCancelled(std::chrono::milliseconds patience = kPatience) = 0;
};

struct UpstreamOptions {
  std::uint16_t port = 0;  // 0: a free one
  int max_message_bytes = 64 << 20;
  bool compresses = false;  // answers go out in gRPC's gzip
  // TLS with this certificate; with `client_ca` (a PEM file) clients must have one of their own.
  std::optional<KeyPair> certificate;
  std::string client_ca;
};

class UpstreamServer;
struct UpstreamState;

// Listens from construction on, at 127.0.0.1. All functions may be called from any thread. Each
// call runs its script on a thread of its own, so that scripts may block.
class FakeUpstream {
 public:
  using UnaryScript = std::function<UnaryReply(const UnaryRequest&)>;
  using StreamScript = std::function<grpc::Status(UpstreamStream&)>;

  explicit FakeUpstream(UpstreamOptions options = {});
  // As Stop.
  ~FakeUpstream();

  std::uint16_t port() const;
  std::string target() const;  // "127.0.0.1:port"

  // What happens to calls of `method` ("/pkg.Service/Method") from now on. Methods without a script
  // are UNIMPLEMENTED.
  void OnUnary(const std::string& method, UnaryScript script);
  void OnUnary(const std::string& method, UnaryReply reply);
  void OnStream(const std::string& method, StreamScript script);

  // Calls that arrive from now on are recorded (unary ones with their request), but their scripts
  // run only after Release, or after the call was cancelled.
  void HoldReplies();
  void Release();

  // In the order in which they arrived.
  std::vector<RecordedCall> Calls() const;
  std::size_t CallCount() const;
  // Whether, within `patience`, at least `count` calls came (unary ones with their request), ...
  bool WaitForCalls(std::size_t count, std::chrono::milliseconds patience = kPatience) const;
  // ... or were cancelled by the client.
  bool WaitForCancelled(std::size_t count, std::chrono::milliseconds patience = kPatience) const;

  // Closes the port and all connections; calls in flight end as cancelled. Returns when their
  // scripts have returned.
  void Stop();
  // Listens again on the same port. Scripts and records are kept. Throws std::runtime_error when
  // somebody else has taken the port.
  void Start();

 private:
  UpstreamOptions options_;
  std::shared_ptr<UpstreamState> state_;
  std::unique_ptr<UpstreamServer> server_;  // empty while stopped
};

}  // namespace puente::test
