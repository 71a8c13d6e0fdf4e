#include "transcoder/explain.h"

#include <fmt/format.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <utility>

#include "transcoder/explained_parameters.h"
#include "transcoder/find_route.h"
#include "transcoder/json_printer.h"
#include "transcoder/media_type.h"
#include "transcoder/message_splitter.h"
#include "transcoder/request_type.h"
#include "transcoder/uri.h"

namespace puente {

using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;

namespace {

class Explainer {
 public:
  Explainer(const RouteTable& table, const std::shared_ptr<const DescriptorSet>& set,
            const CodecOptions& options, const ExplainInput& input)
      : table_(table), set_(set), factory_(&set->pool()), options_(options), input_(input) {}

  Explanation Run() && {
    const Result<void> served = Serve();
    if (!served) explanation_.error = served.error();
    return std::move(explanation_);
  }

 private:
  Result<void> Serve() {
    if (input_.http_method == "OPTIONS" && input_.target == "*") {
      explanation_.allowed = AllMethods();
      return {};
    }
    const Result<Target> target = SplitTarget(input_.target);
    if (!target) return tl::unexpected(target.error());
    const Result<RouteMatch> match = FindRoute(table_, input_.http_method, target->path);
    if (AnswersOptions(input_.http_method, match)) {
      explanation_.allowed = table_.AllowedMethods(target->path);
      return {};
    }
    if (!match) {
      explanation_.near_misses = FindNearMisses(table_, input_.http_method, target->path);
      return tl::unexpected(match.error());
    }
    explanation_.route = match->route;
    return ServeRoute(*match->route, {match->captures, target->query});
  }

  Result<void> ServeRoute(const Route& route, const TargetInput& target) {
    const Message& request = *factory_.GetPrototype(route.method->input_type());
    explanation_.variables = ExplainVariables(route, target, request);
    explanation_.query = ExplainQuery(route, target, options_, request);
    const Result<void> read = ReadHeaders();
    const auto codec = MakeDynamicCodec(set_, options_);
    const auto route_codec = codec->ForRoute(route);
    const auto bound = route_codec->Bind(target, explanation_.dropped);
    if (!read) return read;
    if (!bound) return tl::unexpected(bound.error());
    return ReadBody(route, *route_codec, *bound);
  }

  Result<void> ReadHeaders() {
    auto metadata = MetadataFromHeaders(input_.headers, input_.origin);
    if (!metadata) return tl::unexpected(metadata.error());
    explanation_.metadata = *std::move(metadata);
    const auto timeout = ParseGrpcTimeout(input_.headers);
    if (!timeout) return tl::unexpected(timeout.error());
    explanation_.client_timeout = *timeout;
    return {};
  }

  Result<void> ReadBody(const Route& route, const RouteCodec& codec, const BoundTarget& target) {
    const auto content_type = ContentTypeOf(input_.headers);
    if (!content_type) return tl::unexpected(content_type.error());
    const auto is_gzip = input_.body.empty() ? false : IsGzipBody(input_.headers);
    if (!is_gzip) return tl::unexpected(is_gzip.error());
    explanation_.gzip_body = *is_gzip;
    if (*is_gzip) return {};
    const BodyInput body{*content_type, input_.body};
    const bool takes_stream = route.method->client_streaming() && route.body != Route::Body::kNone;
    if (takes_stream) return ReadStream(route, codec, target, body);
    if (body.bytes.size() > input_.max_body_bytes) {
      return Fail(Code::kResourceExhausted, "the request body is larger than the limit", 413);
    }
    return AddMessage(route, codec.Encode(target, body, explanation_.dropped));
  }

  Result<void> ReadStream(const Route& route, const RouteCodec& codec, const BoundTarget& target,
                          const BodyInput& body) {
    if (auto good = CheckStreamType(route, body.content_type); !good) return good;
    if (body.bytes.empty()) return {};
    if (route.request_is_http_body) {
      return AddMessage(route, codec.Encode(target, body, explanation_.dropped));
    }
    const bool lines = IsNdjson(body.content_type);
    MessageSplitter splitter(lines ? BodyFormat::kLines : BodyFormat::kJson, input_.max_body_bytes);
    splitter.Push(body.bytes);
    splitter.End();
    while (true) {
      const auto json = splitter.Next();
      if (!json) return tl::unexpected(json.error());
      if (!*json) return {};
      auto message = codec.Encode(target, {.bytes = **json}, explanation_.dropped);
      if (!message) {
        message.error().message = fmt::format("message {}: {}", explanation_.messages.size() + 1,
                                              message.error().message);
      }
      if (auto added = AddMessage(route, message); !added) return added;
    }
  }

  Result<void> AddMessage(const Route& route, const Result<std::string>& wire) {
    if (!wire) return tl::unexpected(wire.error());
    const std::unique_ptr<Message> message(
        factory_.GetPrototype(route.method->input_type())->New());
    if (!ParseMessage(*wire, options_.max_json_depth, *message)) return {};
    ExplainedMessage& shown = explanation_.messages.emplace_back();
    CodecOptions canonical;
    canonical.max_json_depth = options_.max_json_depth;
    JsonPrinter printer(set_->pool(), factory_, canonical, shown.json, 0, AnyBudget(wire->size()));
    if (!printer.Print(*message)) shown.json.clear();
    google::protobuf::TextFormat::Printer text;
    text.SetUseUtf8StringEscaping(true);
    text.PrintToString(*message, &shown.text);
    return {};
  }

  const RouteTable& table_;
  const std::shared_ptr<const DescriptorSet>& set_;
  DynamicMessageFactory factory_;
  const CodecOptions& options_;
  const ExplainInput& input_;
  Explanation explanation_;
};

}  // namespace

Explanation Explain(const RouteTable& table, const std::shared_ptr<const DescriptorSet>& set,
                    const CodecOptions& options, const ExplainInput& input) {
  return Explainer(table, set, options, input).Run();
}

}  // namespace puente
