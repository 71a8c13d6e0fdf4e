// No log has a value that a request or an answer carried, at any level and in any format: neither
// the access log, nor the diagnostics, nor what gRPC and protobuf log by themselves.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "billing/v1/billing.pb.h"
#include "tests/integration/binary_under_test.h"
#include "tests/integration/invoice_proxy.h"
#include "tests/integration/streams_proxy.h"
#include "tests/support/web_socket_client.h"
#include "transcoder/base64.h"

namespace puente::test {
namespace {

using testing::HasSubstr;

// How a proxy is configured whose logs are looked at.
struct Variant {
  const char* format;      // of the access log
  const char* log_format;  // of the diagnostics
  const char* unknown;     // what happens to unknown fields and parameters
  const char* codec;
};

constexpr Variant kVariants[] = {
    {"JSON", "JSON", "REJECT", "COMPILED"},
    {"LOGFMT", "TEXT", "WARN", "DYNAMIC"},
    {"COMMON", "JSON", "REJECT", "DYNAMIC"},
    {"JSON", "TEXT", "WARN", "COMPILED"},
};

// Texts that are nowhere else, each with the place that it was planted in.
class Secrets {
 public:
  // A new one: 32 hexadecimal digits, which can stand anywhere.
  std::string New(const std::string& place) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string secret;
    for (int i = 0; i < 32; ++i) secret += kDigits[random_() % kDigits.size()];
    planted_.emplace_back(place, secret);
    return secret;
  }

  void ExpectNoneIn(const std::string& log, const std::string& name) const {
    for (const auto& [place, secret] : planted_) {
      for (const std::string& text : {secret, Base64Of(secret)}) {
        const std::size_t at = log.find(text);
        if (at == log.npos) continue;
        const std::size_t begin = log.rfind('\n', at) + 1;
        ADD_FAILURE() << place << " is in the " << name << ": "
                      << log.substr(begin, log.find('\n', at) - begin);
      }
    }
  }

 private:
  static std::string Base64Of(const std::string& text) {
    std::string encoded = EncodeBase64(text);
    while (encoded.ends_with('=')) encoded.pop_back();
    return encoded;
  }

  std::random_device random_;
  std::vector<std::pair<std::string, std::string>> planted_;
};

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// gRPC would log all headers of calls, if it could.
struct TalkativeGrpc {
  TalkativeGrpc() {
    ::setenv("GRPC_VERBOSITY", "debug", 1);
    ::setenv("GRPC_TRACE", "http,call_error,connectivity_state", 1);
  }
  ~TalkativeGrpc() {
    ::unsetenv("GRPC_VERBOSITY");
    ::unsetenv("GRPC_TRACE");
  }
};

// The real binary, in front of an upstream that tells in its errors all that it was told.
class Logged {
 public:
  explicit Logged(const Variant& variant) : config_(Write(variant)), binary_(Start()) {
    port_ = binary_.WaitForPort("serves HTTP on 127.0.0.1:");
  }

  std::uint16_t port() const { return port_; }
  FakeUpstream& upstream() { return upstream_; }
  Secrets& secrets() { return secrets_; }
  std::string Secret(const std::string& place) { return secrets_.New(place); }

  void Get(const std::string& target, const HeaderList& headers = {}) {
    Request("GET", target, headers);
  }
  void Request(const char* method, const std::string& target, const HeaderList& headers = {},
               const std::string& body = {}) {
    HttpClient::Connect(port_).Request(method, target, headers, body);
    ++requests_;
  }
  // Bytes that need not be HTTP.
  void Raw(const std::string& bytes) {
    auto client = HttpClient::Connect(port_);
    client.TrySendRaw(bytes);
    client.HasInput(std::chrono::milliseconds(300));
    client.HalfClose();
    client.ReadUntilClosed();
  }

  // Ends it, and looks at all that it has written.
  void ExpectNoSecrets() {
    binary_.Signal(SIGTERM);
    EXPECT_EQ(binary_.WaitForExit(), 0) << binary_.Errors();
    const std::string access_log = ContentOf(dir_.File("access.log"));
    secrets_.ExpectNoneIn(access_log, "access log");
    secrets_.ExpectNoneIn(binary_.Errors(), "diagnostics");
    secrets_.ExpectNoneIn(binary_.Output(), "output");
    EXPECT_GE(std::ranges::count(access_log, '\n'), requests_);
    EXPECT_THAT(access_log, HasSubstr("/v1/invoices/{id}"));
    EXPECT_THAT(binary_.Errors(), HasSubstr("grpc: a message of "));
  }
  std::string Diagnostics() const { return binary_.Errors(); }

 private:
  std::string Write(const Variant& variant) {
    return dir_.Write(
        "puente.yaml",
        fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                    "admin: {{address: \"127.0.0.1:0\"}}\n"
                    "descriptors: {{files: [\"{}\", \"{}\"]}}\n"
                    "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n"
                    "transcoding: {{codec: {}, json: {{unknown_fields: {}, unknown_query: {}}}}}\n"
                    "drain: {{delay: 0s}}\n"
                    "telemetry:\n"
                    "  access_log:\n"
                    "    path: access.log\n"
                    "    format: {}\n"
                    "    redact_headers: [Authorization, X-Request-ID, Traceparent]\n"
                    "    redact_query: [token]\n"
                    "    redact_path_variables: [id]\n"
                    "  log: {{level: DEBUG, format: {}}}\n",
                    ExampleDescriptors(), PUENTE_STREAMS_DESCRIPTORS, upstream_.target(),
                    variant.codec, variant.unknown, variant.unknown, variant.format,
                    variant.log_format));
  }
  std::vector<std::string> Start() {
    upstream_.OnUnary(kGetInvoice, [](const UnaryRequest& request) {
      return UnaryReply{.bytes = request.bytes};
    });
    upstream_.OnUnary(kCreateInvoice, UnaryReply{});
    upstream_.OnStream(kTalk, EchoAll);
    upstream_.OnStream(kSendNotes, CountAll);
    return {"run", "--config", config_};
  }

  TempDir dir_;
  FakeUpstream upstream_;
  Secrets secrets_;
  std::string config_;
  const TalkativeGrpc talkative_;
  BinaryUnderTest binary_;
  std::uint16_t port_ = 0;
  int requests_ = 0;
};

constexpr char kCreatePath[] = "/v1/customers/c/invoices";

void PlantInBodies(Logged& proxy) {
  const auto post = [&proxy](const std::string& place, auto body, const HeaderList& headers = {}) {
    proxy.Request("POST", kCreatePath, headers, body(proxy.Secret(place)));
  };
  const auto between = [](const std::string& before, const std::string& after) {
    return [=](const std::string& secret) { return before + secret + after; };
  };
  post("a field", between(R"({"id":")", R"("})"));
  post("a map's value", between(R"({"labels":{"a":")", R"("}})"));
  post("a map's key", between(R"({"labels":{")", R"(":"a"}})"));
  post("a map's key beside a wrong value", between(R"({"labels":{")", R"(":5}})"));
  post("an element", between(R"({"lines":[{"tags":[")", R"("]}]})"));
  post("an unknown field", between(R"({"colour":")", R"("})"));
  post("an unknown field's object", between(R"({"lines":[{"colour":{")", R"(":1}}]})"));
  post("an enum", between(R"({"status":")", R"("})"));
  post("an integer", between(R"({"total":{"units":")", R"("}})"));
  post("a number", between(R"({"discount":")", R"("})"));
  post("a time", between(R"({"createdAt":")", R"("})"));
  post("bytes", between(R"({"checksum":"!)", R"("})"));
  post("a message", between(R"({"total":")", R"("})"));
  post("malformed JSON", between(R"({"id": )", "}"));
  post("JSON that is cut", between(R"({"id":")", ""));
  post("what follows JSON", between("{}", ""));
  post("a field that is there twice", between(R"({"id":"a","id":")", R"("})"));
  post("invalid UTF-8", between(R"({"id":")", "\xff\"}"));
  post("a bad escape", between(R"({"id":")", R"(\x"})"));
  const std::string deep(200, '[');
  post("what is too deep", between(R"({"lines":)" + deep + '"', "\""));
  const HeaderList form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  post("a form field", between("id=", ""), form);
  post("a wrong form field", between("total.units=", ""), form);
  post("an unknown form field", between("colour=", ""), form);
  post("a form field with a bad escape", between("id=%zz", ""), form);
  const std::string type = proxy.Secret("a media type");
  proxy.Request("POST", kCreatePath, {{"Content-Type", "text/" + type}}, "{}");
  const std::string coding = proxy.Secret("a content coding");
  proxy.Request("POST", kCreatePath, {{"Content-Encoding", coding}}, "{}");
  const std::string note = proxy.Secret("a message of a stream");
  proxy.Request("POST", kSendPath, {}, NoteOf(note).text() + "{\"text\":\"" + note + "\"}");
}

// Where they are let pass (WARN), names of what is unknown are logged on purpose; see NamesForLog.
void PlantInUnknownNames(Logged& proxy) {
  const std::string name = proxy.Secret("an unknown name");
  proxy.Request("POST", kCreatePath, {}, "{\"" + name + "\":1}");
  proxy.Get("/v1/invoices/7?" + name + "=1");
}

void PlantInTargets(Logged& proxy) {
  const auto get = [&proxy](const std::string& place, const std::string& before,
                            const std::string& after = {}) {
    proxy.Get(before + proxy.Secret(place) + after);
  };
  get("a path variable", "/v1/invoices/");
  get("a path without a route", "/v1/nothing/");
  get("a path with a bad escape", "/v1/invoices/%zz");
  get("a path with dots", "/v1/../");
  get("a verb", "/v1/invoices/7:");
  get("a parameter", "/v1/invoices?page_token=");
  get("a parameter of the wrong type", "/v1/invoices?page_size=");
  get("a wrong enum", "/v1/invoices?status=");
  get("a parameter that is there twice", "/v1/invoices?page_token=a&page_token=");
  get("a parameter with a bad escape", "/v1/invoices?page_token=%zz");
  get("a parameter that is not UTF-8", "/v1/invoices?page_token=%ff");
  get("an unknown parameter", "/v1/invoices/7?colour=");
  get("a key of an unknown parameter", "/v1/invoices/7?colour[", "]=1");
  get("a parameter that is redacted", "/v1/invoices/7?token=");
  get("a signature", "/v1/invoices/7?X-Amz-Signature=");
  proxy.Request("DELETE", "/v1/invoices/" + proxy.Secret("a path under a wrong method"));
  proxy.Request("OPTIONS", "/v1/invoices/" + proxy.Secret("a path of OPTIONS"));
}

void PlantInHeaders(Logged& proxy) {
  const auto get = [&proxy](const char* name, const std::string& before = {},
                            const std::string& after = {}) {
    const std::string secret = proxy.Secret(std::string("the header ") + name);
    proxy.Get("/v1/invoices/7", {{name, before + secret + after}});
  };
  for (const char* name : {"Authorization",
                           "Cookie",
                           "X-Api-Key",
                           "User-Agent",
                           "X-Forwarded-For",
                           "Forwarded",
                           "Origin",
                           "Referer",
                           "Accept",
                           "Accept-Encoding",
                           "grpc-timeout",
                           "grpc-status",
                           "X-Request-Id",
                           "tracestate",
                           "b3",
                           "baggage",
                           "Proxy-Authorization",
                           "Connection",
                           "TE",
                           "Expect",
                           "X-Client-Identity",
                           "X-Data-Bin"}) {
    get(name);
  }
  get("Authorization", "Bearer ");
  get("X-Request-Id", "not usable ");
  get("traceparent", "00-", "-00f067aa0ba902b7-01");
  get("traceparent", "00-", "-nothing");
  get("X-Data-Bin", "!");
  get("x-b3-traceid");
  const std::string twice = proxy.Secret("Authorization that is there twice");
  proxy.Get("/v1/invoices/7", {{"Authorization", twice}, {"Authorization", "Bearer " + twice}});
  proxy.Get("/v1/invoices/7", {{"X-" + proxy.Secret("the name of a header"), "a"}});
  const std::string large = proxy.Secret("metadata that is too large");
  proxy.Get("/v1/invoices/7", {{"X-Large", large + std::string(9000, 'a')}});
}

void PlantInFraming(Logged& proxy) {
  const auto raw = [&proxy](const std::string& place, const std::string& before,
                            const std::string& after) {
    proxy.Raw(before + proxy.Secret(place) + after);
  };
  const std::string get = "GET /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n";
  const std::string post = fmt::format("POST {} HTTP/1.1\r\nHost: a\r\n", kCreatePath);
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  // A short one is logged: see AccessLogFormatter.
  raw("a long method", "X", " /v1/invoices/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  raw("a method that is none", "\"", "\" / HTTP/1.1\r\nHost: a\r\n\r\n");
  raw("a target with a control", "GET /v1/\x01", " HTTP/1.1\r\nHost: a\r\n\r\n");
  raw("a target that is no path", "GET ", " HTTP/1.1\r\nHost: a\r\n\r\n");
  raw("a target with a fragment", "GET /v1/invoices/7#", " HTTP/1.1\r\nHost: a\r\n\r\n");
  raw("a version", "GET / HTTP/9.", "\r\nHost: a\r\n\r\n");
  raw("a Host", "GET / HTTP/1.1\r\nHost: a b ", "\r\n\r\n");
  raw("a header line without a colon", get + "Authorization ", "\r\n\r\n");
  raw("a header with a control", get + "Authorization: \x01", "\r\n\r\n");
  raw("a header that is folded", get + "Authorization: Bearer\r\n ", "\r\n\r\n");
  raw("a header that is not ASCII", get + "X-Api-Key: \xff", "\r\n\r\n");
  raw("a Content-Length", post + "Content-Length: ", "\r\n\r\n");
  raw("a Transfer-Encoding", post + "Transfer-Encoding: ", "\r\n\r\n");
  raw("a head with two framings",
      get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\nX: ", "\r\n\r\n");
  raw("what follows a request", get + "\r\n", " \r\n\r\n");
  raw("what follows a body", post + "Content-Length: 2\r\n\r\n{}", " \r\n\r\n");
  raw("a chunk's extension", chunked + "2;", "\r\n{}\r\n0\r\n\r\n");
  raw("a chunk's quoted extension", chunked + "2;a=\"", "\"\r\n{}\r\n0\r\n\r\n");
  raw("a chunk's size", chunked + "x", "\r\n{}\r\n0\r\n\r\n");
  raw("what follows a chunk", chunked + "2\r\n{}", "\r\n0\r\n\r\n");
  raw("a trailer", chunked + "2\r\n{}\r\n0\r\nX-Trailer: ", "\r\n\r\n");
  raw("a trailer that is none", chunked + "2\r\n{}\r\n0\r\n", "\r\n\r\n");
  raw("a body that is cut", post + "Content-Length: 100\r\n\r\n{\"id\":\"", "");
}

void PlantInWebSockets(Logged& proxy) {
  const auto talk = [&proxy](const std::string& place, auto frame) {
    auto client = WebSocketClient::Connect(proxy.port(), kTalkPath);
    client.TrySendRaw(FrameBytes(frame(proxy.Secret(place))));
    client.HalfClose();
    while (client.TryReadFrame()) {
    }
  };
  const auto text = [](std::string payload) { return Frame{Opcode::kText, std::move(payload)}; };
  talk("a message", [&](auto secret) { return text("{\"text\":\"" + secret + "\"}"); });
  talk("a malformed message", [&](auto secret) { return text("{" + secret); });
  talk("an unknown field of a message",
       [&](auto secret) { return text("{\"colour\":\"" + secret + "\"}"); });
  talk("a wrong field of a message",
       [&](auto secret) { return text("{\"item\":{\"count\":\"" + secret + "\"}}"); });
  talk("a message that is not UTF-8", [&](auto secret) { return text(secret + "\xff"); });
  talk("a binary message", [&](auto secret) { return Frame{Opcode::kBinary, secret}; });
  talk("a ping", [&](auto secret) { return Frame{Opcode::kPing, secret}; });
  talk("a close", [&](auto secret) { return CloseFrame(1000, secret); });
  talk("a bare frame", [&](auto secret) {
    return Frame{.opcode = Opcode::kText, .payload = secret, .masked = false};
  });
  const std::string room = proxy.Secret("the path of a WebSocket");
  auto client = WebSocketClient::Connect(proxy.port(), "/v1/rooms/" + room + "/notes:talk");
  client.Reset();
  const std::string key = proxy.Secret("the key of a WebSocket");
  proxy.Get(kTalkPath,
            {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Key", key}});
}

// All that the upstream was told, in its status and its metadata.
UnaryReply Echo(grpc::StatusCode code, const std::string& bytes, const Metadata& metadata) {
  std::string told = bytes;
  for (const auto& [key, value] : metadata) told += " " + key + "=" + value;
  UnaryReply reply{.status = {code, told, told}};
  reply.trailing_metadata = {{"x-told-bin", told}};
  reply.initial_metadata = {{"x-told-bin", told}};
  return reply;
}

void PlantInAnswers(Logged& proxy) {
  for (const auto code : {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::INTERNAL,
                          grpc::StatusCode::UNKNOWN, grpc::StatusCode::INVALID_ARGUMENT,
                          grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::UNIMPLEMENTED,
                          grpc::StatusCode::CANCELLED, static_cast<grpc::StatusCode>(31)}) {
    proxy.upstream().OnUnary(kGetInvoice, [code](const UnaryRequest& request) {
      return Echo(code, request.bytes, request.metadata);
    });
    const std::string secret = proxy.Secret(fmt::format("an error {}", static_cast<int>(code)));
    proxy.Get("/v1/invoices/" + secret, {{"X-Api-Key", secret}});
  }
  const std::string bad = proxy.Secret("an answer that is no message");
  proxy.upstream().OnUnary(kGetInvoice, UnaryReply{.bytes = "\xff\xff" + bad});
  proxy.Get("/v1/invoices/7");
  const std::string id = proxy.Secret("an answer that is not UTF-8") + "\xff";
  proxy.upstream().OnUnary(
      kGetInvoice, UnaryReply{.bytes = "\x0a" + std::string(1, static_cast<char>(id.size())) + id});
  proxy.Get("/v1/invoices/7");
  const std::string cut = proxy.Secret("the error of a stream");
  proxy.upstream().OnStream(kWatchNotes, [cut](UpstreamStream& stream) {
    stream.Write(NoteOf(cut));
    stream.AddTrailingMetadata("x-told", cut);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, cut);
  });
  proxy.Get(kWatchPath);
}

TEST(Secrets, AreInNoLog) {
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(fmt::format("{} {} {} {}", variant.format, variant.log_format, variant.unknown,
                             variant.codec));
    Logged proxy(variant);
    const bool lets_pass = std::string_view(variant.unknown) == "WARN";
    PlantInBodies(proxy);
    if (!lets_pass) PlantInUnknownNames(proxy);
    PlantInTargets(proxy);
    PlantInHeaders(proxy);
    PlantInFraming(proxy);
    PlantInWebSockets(proxy);
    PlantInAnswers(proxy);
    proxy.ExpectNoSecrets();
    EXPECT_THAT(proxy.Diagnostics(), HasSubstr("500 INTERNAL"));
    EXPECT_EQ(proxy.Diagnostics().find("colour[]") != std::string::npos, lets_pass);
  }
}

}  // namespace
}  // namespace puente::test
