#include "proxy/call/request_messages.h"

#include <utility>

#include "proxy/call/transcoding.h"
#include "transcoder/media_type.h"

namespace puente {
namespace {

class JsonMessages final : public HttpRequestMessages {
 public:
  JsonMessages(RequestContext& context, const BoundTarget& target, BodyFormat format,
               RequestBody body)
      : HttpRequestMessages(context.exchange),
        context_(context),
        target_(target),
        body_(std::move(body)),
        splitter_(format, context.snapshot->body_limits().max_bytes) {}

  Task<NextMessage> Next() override {
    while (true) {
      const auto json = splitter_.Next();
      if (!json) co_return tl::unexpected(json.error());
      if (*json) co_return EncodeNext(**json);
      if (ended_) co_return std::nullopt;
      received_.clear();
      const Result<bool> more = co_await body_.ReadSome(received_, PatienceOf(context_));
      if (!more) co_return tl::unexpected(more.error());
      splitter_.Push(received_);
      if (!*more) {
        ended_ = true;
        splitter_.End();
      }
    }
  }

 private:
  NextMessage EncodeNext(std::string_view json) {
    auto message = EncodeNumberedMessage(context_, target_, {.bytes = json}, ++count_);
    if (!message) return tl::unexpected(std::move(message.error()));
    return RequestMessage{*std::move(message)};
  }

  RequestContext& context_;
  const BoundTarget& target_;
  RequestBody body_;
  MessageSplitter splitter_;
  std::string received_;
  std::size_t count_ = 0;
  bool ended_ = false;
};

// The media type goes with the first message, what path and query bind with every one.
class UploadMessages final : public HttpRequestMessages {
 public:
  UploadMessages(RequestContext& context, const BoundTarget& target, std::string_view content_type,
                 RequestBody body)
      : HttpRequestMessages(context.exchange),
        context_(context),
        target_(target),
        content_type_(content_type),
        body_(std::move(body)) {}

  Task<NextMessage> Next() override {
    received_.clear();
    const Result<bool> more = co_await body_.ReadSome(received_, PatienceOf(context_));
    if (!more) co_return tl::unexpected(more.error());
    if (received_.empty()) co_return std::nullopt;
    auto message = EncodeMessage(context_, target_, {content_type_, received_});
    if (!message) co_return tl::unexpected(message.error());
    content_type_ = {};
    co_return RequestMessage{*std::move(message)};
  }

 private:
  RequestContext& context_;
  const BoundTarget& target_;
  std::string_view content_type_;
  RequestBody body_;
  std::string received_;
};

}  // namespace

std::chrono::nanoseconds PatienceOf(const RequestContext& context) {
  return IsConversation(*context.route) ? std::chrono::nanoseconds::max()
                                        : context.snapshot->idle_timeout();
}

Task<Error> HttpRequestMessages::AwaitDeparture() {
  exchange_.WatchClient([this] { departed_.Set(); });
  co_await departed_.Wait();
  co_return Error{Code::kCancelled, "the client went away", 0, {}, {}};
}

void HttpRequestMessages::Interrupt() {
  exchange_.StopWatchingClient();
  exchange_.InterruptBody();
  departed_.Set();
}

Task<NextMessage> SingleMessage::Next() {
  co_return RequestMessage{std::move(message_), /*last=*/true};
}

std::unique_ptr<RequestMessages> MakeBodyMessages(RequestContext& context,
                                                  const BoundTarget& target,
                                                  std::string_view content_type, RequestBody body) {
  if (context.route->request_is_http_body) {
    return std::make_unique<UploadMessages>(context, target, content_type, std::move(body));
  }
  const BodyFormat format = IsNdjson(content_type) ? BodyFormat::kLines : BodyFormat::kJson;
  return std::make_unique<JsonMessages>(context, target, format, std::move(body));
}

}  // namespace puente
