// The answers of a call as one HTTP body.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/call/answer_sink.h"
#include "proxy/call/held_output.h"
#include "proxy/call/request_context.h"
#include "transcoder/metadata.h"
#include "transcoder/stream_framing.h"

namespace puente {

// Begins the answer with the first message, or the first heartbeat, so that an error before it
// still has its own status.
class StreamResponse final : public AnswerSink {
 public:
  // In what the client accepts: a framing of JSON messages and a Content-Encoding; the data of
  // google.api.HttpBody follow each other as they are.
  explicit StreamResponse(RequestContext& context);

  Task<Result<void>> Send(const GrpcCall& call, Payload& payload) override;
  bool wants_more() const override;
  std::chrono::nanoseconds heartbeat_interval() const override;
  Task<bool> Heartbeat() override;

  bool begun() const { return begun_; }

  // After the call. The answer of a stream without messages is begun by its end.
  Task<> End(const GrpcCall& call);
  // Tells the client of an error after Send: inside of the body where its format has a place for
  // errors; otherwise the body is cut.
  Task<> Fail(const Error& error);

 private:
  void Begin(const std::vector<MetadataView>& metadata, std::string_view content_type);
  Task<> Finish();

  RequestContext& context_;
  const std::unique_ptr<StreamFraming> framing_;  // nullptr for HttpBody
  HeldOutput output_;                             // of framed messages
  bool begun_ = false;
};

}  // namespace puente
