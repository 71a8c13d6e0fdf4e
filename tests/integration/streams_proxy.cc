#include "tests/integration/streams_proxy.h"

#include <fmt/format.h>

namespace puente::test {

std::string StreamsConfig(const std::string& target, const std::string& more,
                          const std::string& tls) {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"{}}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "descriptors: {{files: [\"{}\"]}}\n"
      "upstreams: [{{name: streams, grpc: {{target: \"{}\"}}}}]\n"
      "{}\n",
      tls.empty() ? "" : ", tls: {" + tls + "}", PUENTE_STREAMS_DESCRIPTORS, target, more);
}

std::string StreamsTimeout(const std::string& timeout) {
  return fmt::format(
      "routes: [{{match: {{service: streams.v1.Notes}}, upstream: streams, timeout: {}}}]\n",
      timeout);
}

bool StreamsProxy::WaitForRequests(std::size_t count, std::size_t call) const {
  return WaitUntil([&] {
    const auto calls = upstream.Calls();
    return calls.size() > call && calls[call].requests.size() >= count;
  });
}

bool StreamsProxy::WaitUntilIdle() const {
  return WaitUntil(
      [this] { return proxy.Metric(R"(grpc_active_connections{listener="rest"})") == 0; });
}

streams::v1::Note NoteOf(const std::string& text) {
  streams::v1::Note note;
  note.set_text(text);
  return note;
}

grpc::Status CountAll(UpstreamStream& stream) {
  streams::v1::Summary summary;
  while (const auto message = stream.Read()) {
    summary.set_messages(summary.messages() + 1);
    summary.set_bytes(summary.bytes() + static_cast<std::int64_t>(message->size()));
  }
  stream.Write(summary);
  return grpc::Status::OK;
}

grpc::Status EchoAll(UpstreamStream& stream) {
  while (auto message = stream.Read()) stream.Write(*std::move(message));
  return grpc::Status::OK;
}

}  // namespace puente::test
