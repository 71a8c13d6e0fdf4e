// A traffic split at run time: which weights hold, and what may change them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/puente.pb.h"
#include "proxy/traffic/split_state.h"
#include "proxy/traffic/split_weights.h"
#include "proxy/traffic/weights_request.h"
#include "transcoder/error.h"

namespace puente {

// A split of these backends in this order, which never change. A reload that leaves them as they
// are goes on with the same object, so that weights set by hand outlive it, and requests that keep
// an older snapshot see changes as well; one that changes them (a new order included) gets a new
// object with the file's weights, whose generation goes on. See Next and Adopt.
//
// Workers call Choose and Find, without a lock. Everything else is for the control thread; it is
// thread-safe, too. Time is passed in.
class Split {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // At most kMostBackends, with different names, and a sum of weights from 1 to kMostWeight.
  // `lineage` is what tells the ETags of this split from those of an earlier process (or of an
  // earlier split of this name): random bits.
  Split(const config::Split& file, std::uint64_t lineage);

  // What a new snapshot has for `file`: `previous` (nullptr: there was no such split) when its
  // backends are the same, or a new object. Changes nothing: the snapshot may yet be refused.
  // `lineage` is for a split that was not there.
  static std::shared_ptr<Split> Next(const config::Split& file, std::shared_ptr<Split> previous,
                                     std::uint64_t lineage);
  // When the snapshot is published, with what Next was given. Where the file's own entry (backends
  // and weights) is what it was, the weights stay, with what is left of their ttl; where it has
  // changed, the file's hold.
  void Adopt(const config::Split& file, const Split* previous);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& backends() const { return backends_; }

  // The index of the backend that serves the caller; weighted_choice.h says what `caller` is.
  std::size_t Choose(std::uint64_t caller) const;
  // The same where only those can take the request whose bits are set in `candidates`, one at
  // least: the others' callers are shared out among them. The first of them when all have weight 0.
  std::size_t ChooseAmong(std::uint64_t caller, std::uint32_t candidates) const;
  // The index of the backend that is this upstream, whatever its weight: for the override header.
  std::optional<std::size_t> Find(std::string_view upstream) const;

  // Replaces all weights. INVALID_ARGUMENT unless every backend is named and the sum is from 1 to
  // kMostWeight; FAILED_PRECONDITION with HTTP status 412 and the ETag unless `if_match` (the
  // header If-Match; nullopt: none was sent) holds. Without a ttl the weights hold until the next
  // change. With one, they go back to the last that were set without: a second ttl takes the place
  // of a first, and never goes back to what the first had set.
  Result<SplitState> Put(const WeightsRequest& request, std::optional<std::string_view> if_match,
                         Time now);
  // Whether a ttl has ended, and the weights went back. To be called about once a second.
  bool Expire(Time now);

  // These end a ttl.
  void SetByRollout(Weights weights, std::string why);
  void RestoreFile(std::string why);
  void RollBack(Weights weights, RollbackNote note);

  SplitState State() const;

 private:
  struct Change {
    Weights weights;
    WeightSource source;
    std::string why;
  };

  void ContinueFrom(const SplitState& previous);
  // With mutex_ held:
  void Set(Change change, std::optional<Time> expires = std::nullopt);
  Result<void> CheckMatch(std::optional<std::string_view> if_match) const;
  SplitState LockedState() const;
  std::string ETag() const;

  const std::string name_;
  const std::vector<std::string> backends_;
  const std::vector<std::uint64_t> seeds_;
  const std::uint64_t lineage_;
  SharedWeights shared_;

  mutable std::mutex mutex_;  // of what follows; of writing shared_
  Weights file_weights_;
  Change current_;
  Change settled_;  // the last without a ttl
  std::optional<Time> expires_;
  std::uint64_t generation_ = 1;
  std::optional<RollbackNote> last_rollback_;
};

}  // namespace puente
