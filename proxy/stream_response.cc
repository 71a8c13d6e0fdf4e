#include "proxy/stream_response.h"

namespace puente {

StreamResponse::StreamResponse(Exchange& exchange, std::unique_ptr<StreamFraming> framing)
    : exchange_(exchange), framing_(std::move(framing)) {}

Task<bool> StreamResponse::Begin(int status, const std::vector<Header>& headers,
                                 const Payload& first) {
  begun_ = true;
  const std::string_view content_type = framing_ ? framing_->content_type() : first.content_type;
  co_return co_await exchange_.BeginStream(status, content_type, headers);
}

Task<bool> StreamResponse::Send(const Payload& message) {
  if (!framing_) co_return co_await exchange_.WriteStream(message.bytes);
  output_.clear();
  framing_->AppendMessage(message.bytes, output_);
  co_return co_await exchange_.WriteStream(output_);
}

Task<bool> StreamResponse::End() {
  output_.clear();
  if (framing_) framing_->AppendEnd(output_);
  const bool sent = co_await exchange_.WriteStream(output_);
  if (!sent) co_return false;
  co_return co_await exchange_.EndStream();
}

}  // namespace puente
