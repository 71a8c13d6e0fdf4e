// One HTTP/1.1 request to an upstream, and its answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/response_parser.h"
#include "proxy/traffic/failure_kind.h"
#include "proxy/upstream/http_connection_lease.h"
#include "proxy/upstream/http_lane.h"
#include "proxy/upstream/http_request_head.h"
#include "transcoder/error.h"

namespace puente {

// Pinned; used on its lane's thread, and destroyed only after everything of it that is awaited has
// completed. One coroutine may write while another one reads.
//
//   Start                       -> connection, head and first bytes
//   WriteBody*, EndBody            (unless the request has no body, or all of it went with Start)
//   ReadHead, ReadBodySome*     -> the answer; it may come before the request has ended
//
// When both have ended, and it is certain where the answer ends, the connection goes back to the
// pool; otherwise it is closed, at the latest with the call.
//
// The upstream learns what becomes of it: an answer of 500 or more, or none, is a failure of the
// target.
//
// Errors: 503 UNAVAILABLE, the upstream can't be reached or all connections are in use; 502
// UNAVAILABLE, it closed the connection too early; 502 INTERNAL, its answer is malformed; 504
// DEADLINE_EXCEEDED; CANCELLED.
class HttpCall final : private HttpLane::Call {
 public:
  enum class Connections {
    kAny,    // one from the pool if there is one
    kFresh,  // one that is made for this call
  };

  // Keeps the upstream; `lane` outlives the call. A `deadline` that the client set is no fault of
  // the upstream's.
  HttpCall(HttpUpstream& upstream, HttpLane& lane, std::optional<SteadyTime> deadline,
           Connections connections = Connections::kAny,
           DeadlineBy deadline_by = DeadlineBy::kRoute);
  ~HttpCall();
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  // Finds or makes a connection, and sends the head together with `first`, the first bytes of the
  // body; waits until the connection took them. What the call is given stays valid until then. A
  // connection that breaks meanwhile is no error yet, since the upstream may have answered:
  // ReadHead tells.
  Task<Result<void>> Start(const HttpRequestHead& head, std::string_view first = {});

  // Sends more of the body; waits until the connection took it. False: no more can be sent, since
  // the connection broke, the call was ended, the answer is complete and was the connection's last,
  // or the body is longer than the head said. Reading tells what there is to tell.
  Task<bool> WriteBody(std::string_view bytes);
  // Ends the body. False: likewise, or the body is shorter than the head said.
  Task<bool> EndBody();

  // Waits for the answer's head, which is in head() then; interim ones (1xx) are skipped.
  Task<Result<void>> ReadHead();
  // After ReadHead: appends to `body` what has come of the answer's, and waits for it when there is
  // nothing. False: the answer is complete. At most some 64 KiB are buffered of what comes
  // unasked.
  Task<Result<bool>> ReadBodySome(std::string& body);
  // After ReadHead, for an answer that may not be needed for some time: reads what is left of a
  // short one, so that the connection is free for others. ReadBodySome has all of it later.
  Task<> ReadAhead();
  // Valid from ReadHead on, as long as the call lives.
  const HttpResponseHead& head() const { return buffers_->head; }

  // Whether something has come that was not read yet.
  bool has_input() const {
    return !ahead_.empty() || (lease_.held() && !lease_.connection()->input().empty());
  }
  // Whether all of the answer has come.
  bool answer_complete() const { return answer_done_; }

  // When the call is given up, from now on; nullopt: never. Within some 25 ms.
  void SetDeadline(std::optional<SteadyTime> deadline, DeadlineBy by = DeadlineBy::kRoute) {
    deadline_ = deadline.value_or(SteadyTime::max());
    deadline_by_ = by;
  }

  // Who set the deadline that holds now.
  DeadlineBy deadline_by() const { return deadline_by_; }

  // Whether the answer is 101: then WriteBody, EndBody and ReadBodySome carry the bytes of the
  // other protocol as they are, until either side ends.
  bool upgraded() const { return upgraded_; }

  // Ends the call at any time: the connection is closed, and who waits gets CANCELLED soon.
  void Cancel() override;

  // Which of the upstream's targets was used; the last one that was tried, if none was reached.
  std::size_t target() const { return lease_.target(); }
  // Whether any byte of the request may have reached the upstream.
  bool was_sent() const { return sent_; }
  // Whether the call failed since its connection, which had been used before, was closed before any
  // byte of the answer came: most likely the server had given it up before it got the request. It
  // is worth another try on a fresh connection, where the request may be sent twice.
  bool is_stale() const { return stale_; }

 private:
  void CheckTime(SteadyTime now) override;
  void Interrupt(Error error);
  void Report(Outcome outcome);
  Connection& connection() { return *lease_.connection(); }

  Result<void> BeginRequest(const HttpRequestHead& head, std::string_view first);
  bool MayWrite(std::string_view bytes) const;
  Task<bool> Send(std::string_view head, std::string_view body);
  void CountBody(std::size_t bytes);

  Result<bool> TakeHead();
  Result<bool> ParseHead(std::size_t end);
  Result<void> BeginBody();
  Result<void> TakeBody(std::string& body);
  Task<Result<bool>> ReadFromConnection(std::string& body);
  Task<Result<bool>> ReadUpgraded(std::string& body);
  Error Malformed(Error error);
  Error Lost();
  void EndAnswer();
  void ReleaseIfDone();
  bool MayReuse() const;

  const std::shared_ptr<HttpUpstream> upstream_;
  HttpLane& lane_;
  SteadyTime deadline_;
  DeadlineBy deadline_by_;
  std::unique_ptr<HttpCallBuffers> buffers_;
  HttpConnectionLease lease_;
  std::optional<Error> interrupted_;  // by Cancel or the deadline
  bool sent_ = false;
  bool stale_ = false;
  bool reported_ = false;

  HttpRequestHead::Framing framing_ = HttpRequestHead::Framing::kNone;
  std::uint64_t body_left_ = 0;  // with kLength
  bool may_upgrade_ = false;
  bool to_head_ = false;
  bool request_done_ = false;

  std::optional<ResponseParser> parser_;
  std::size_t seen_ = 0;  // bytes of the input that hold no end of a head
  int interim_ = 0;
  bool answered_ = false;  // any byte of the answer has come
  bool answer_done_ = false;
  bool upgraded_ = false;
  std::string ahead_;  // of the answer's body, read ahead
};

}  // namespace puente
