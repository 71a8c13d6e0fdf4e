// The answer to a streaming call: the messages of an upstream as one HTTP body.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/http/exchange.h"
#include "transcoder/codec.h"
#include "transcoder/stream_framing.h"

namespace puente {

// Begins the answer with the first message, so that an error before it still has its own status.
// One thread.
class StreamResponse {
 public:
  // `framing` puts JSON messages together; nullptr for google.api.HttpBody, whose data follow each
  // other as they are.
  StreamResponse(Exchange& exchange, std::unique_ptr<StreamFraming> framing);

  bool begun() const { return begun_; }

  // Sends the head, with the content type of the framing or else of `first`. False, as below: the
  // client is gone.
  Task<bool> Begin(int status, const std::vector<Header>& headers, const Payload& first);
  // Sends one message at once.
  Task<bool> Send(const Payload& message);
  // Ends a stream that went well. One that failed is cut with Exchange::AbortStream.
  Task<bool> End();

 private:
  Exchange& exchange_;
  const std::unique_ptr<StreamFraming> framing_;
  std::string output_;
  bool begun_ = false;
};

}  // namespace puente
