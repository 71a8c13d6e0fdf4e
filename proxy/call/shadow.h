// Copies of requests, for another upstream to show what it would answer. The client never waits for
// them.
#pragma once

#include <unordered_set>

#include "proxy/call/request_context.h"

namespace puente {

class ShadowRun;

// The copies that are under way on one worker; used on its thread only.
class Shadows {
 public:
  Shadows() = default;
  Shadows(const Shadows&) = delete;
  Shadows& operator=(const Shadows&) = delete;

  // Ends them, soon, and begins no more.
  void Close();

 private:
  friend class ShadowRun;
  friend void SendShadow(RequestContext& context, Shadows& shadows);

  std::unordered_set<ShadowRun*> running_;
  bool closed_ = false;
};

// Decides, by the route's `shadow`, whether the request of `context` is copied, and has kept what
// the copy needs. Before the request is served; its policy is known.
void PrepareShadow(RequestContext& context);

// Sends the copy, if there is to be one. After the answer. What the copy needs is taken from
// `context`, which may go.
void SendShadow(RequestContext& context, Shadows& shadows);

}  // namespace puente
