// Input, output and deadlines of one connection, be it of a client or to an upstream.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/http/transport.h"

namespace puente {

using SteadyTime = std::chrono::steady_clock::time_point;

// The buffered byte stream under a session, or under the calls of an upstream. Pinned, shared by
// who uses it and by the read that is under way; one thread.
//
// There is at most one read under way, and it may outlast the one who waits for it: while a request
// is being served it reads ahead, so that a client that goes away is noticed at once, and what it
// reads (pipelined requests) is kept for later, up to the capacity of the buffer.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `read_capacity` bytes are the most that is ever buffered of what the peer sent.
  Connection(StreamSocket socket, asio::ssl::context* tls, std::size_t read_capacity);

  Transport& transport() { return transport_; }

  // The bytes received and not yet consumed.
  std::string_view input() const { return {buffer_.data() + begin_, buffer_.size() - begin_}; }
  void Consume(std::size_t bytes);
  bool InputFull() const { return input().size() >= Capacity(); }
  // How much is read at once from now on. A large piece is buffered even beyond the capacity; its
  // memory is given back as soon as it is consumed.
  enum class Piece : std::size_t { kHead = 4096, kBody = 16384, kLarge = 65536 };
  void ReadPieces(Piece piece) { piece_ = piece; }
  // Whether the client has sent what was not consumed yet, received or not.
  bool HasUnreadInput() const { return !input().empty() || transport_.HasUnreadBytes(); }

  // Waits for more input. False: the client closed, the connection broke, or the deadline passed
  // (see expired()). Must not be called while InputFull().
  Task<bool> Fill();
  // The same by a callback, called once, never from within; then Fill's result is whether the
  // connection is neither closed() nor expired(), and it must be neither at the call.
  void AwaitInput(std::function<void()> done);
  // Ends a Fill that waits, as if something had come.
  void WakeReader();

  // Reads ahead from the next CheckPeer on until StopReadAhead (most calls end before that);
  // `on_closed` is called once if the client closes or the connection breaks meanwhile.
  void StartReadAhead(std::function<void()> on_closed);
  void StopReadAhead() { on_closed_ = nullptr; }

  // Writes what it can without waiting. True: that was all; otherwise the rest is left in both, for
  // Write, which also finds out when the connection is lost.
  bool WriteNow(std::string_view& head, std::string_view& body);
  // Writes all of it. False when the connection is lost or `stall_timeout` passes without any
  // progress.
  Task<bool> Write(std::string_view head, std::string_view body,
                   std::chrono::nanoseconds stall_timeout);

  // When the connection is to be given up; far in the future when nothing is waited for. Checked by
  // the worker's sweep, some ten times a second. What Write sets by its stall_timeout is beside it:
  // reading goes on meanwhile, with deadlines of its own.
  void SetDeadline(SteadyTime deadline) { deadline_ = deadline; }
  void ClearDeadline() { deadline_ = SteadyTime::max(); }
  SteadyTime deadline() const { return std::min(deadline_, write_deadline_); }
  // Ends what is under way; Fill and Write return false.
  void Expire();
  bool expired() const { return expired_; }
  // Makes the connection usable again for a last answer, and says whether it had expired.
  bool AcknowledgeExpiry() { return std::exchange(expired_, false); }

  // Reads ahead, if that is wanted. With a full buffer nothing is read, so a client that goes away
  // is not noticed by itself: the worker's sweep looks.
  void CheckPeer();

  // Whoever needs the connection for long is asked by AskToEnd to come to an end in order, since it
  // will be cut; once.
  void OnAskedToEnd(std::function<void()> end) { asked_to_end_ = std::move(end); }
  void AskToEnd();

  bool closed() const { return closed_; }
  // Whether it was the peer who closed, in order: what has come is all that it sent.
  bool peer_ended() const { return peer_ended_; }
  void Close();
  // Closes what somebody still uses, since the proxy ends.
  void Cut() {
    cut_ = true;
    Close();
  }
  bool was_cut() const { return cut_; }
  // Close resets the connection from now on, or no more: what the client has got must not pass for
  // complete.
  void SetResetOnClose(bool reset) { reset_on_close_ = reset; }

 private:
  std::size_t Capacity() const {
    constexpr auto kLarge = static_cast<std::size_t>(Piece::kLarge);
    return piece_ == Piece::kLarge ? std::max(read_capacity_, kLarge) : read_capacity_;
  }
  void StartRead();
  void StartReadSoon();
  void OnRead(boost::system::error_code ec, std::size_t bytes);
  void Keep(std::size_t bytes);
  void ReadMoreNow();

  Transport transport_;
  const std::size_t read_capacity_;
  Piece piece_ = Piece::kHead;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::string incoming_;  // where a read under way puts its bytes
  bool reading_ = false;
  bool closed_ = false;
  bool peer_ended_ = false;
  bool cut_ = false;
  bool expired_ = false;
  bool reset_on_close_ = false;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime write_deadline_ = SteadyTime::max();
  std::function<void()> waiter_;     // resumes Fill
  std::function<void()> on_closed_;  // set while reading ahead
  std::function<void()> asked_to_end_;
};

}  // namespace puente
