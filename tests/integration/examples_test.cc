// The example APIs through the proxy, with their real services behind it.
#include "examples/json_subset.h"
#include "examples/requests.h"
#include "examples/services/example_server.h"
#include "examples/services/wav.h"
#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"

namespace puente::test {
namespace {

using examples::FindJsonDifference;

class Examples : public testing::Test {
 protected:
  Examples() {
    const auto started = server_.Start();
    if (!started) throw std::runtime_error(started.error());
  }

  examples::ExampleServer server_;
};

// A method's request, and what its answer at least says.
struct ExampleCall {
  std::string method;
  std::string target;
  std::string body;
  std::string json;
  int status = 200;
};

void Expect(const ProxyUnderTest& proxy, const std::vector<ExampleCall>& calls) {
  HttpClient client = proxy.Connect();
  for (const ExampleCall& call : calls) {
    SCOPED_TRACE(call.method + " " + call.target);
    const HttpResponse response =
        client.Request(call.method, call.target, {{"Content-Type", "application/json"}}, call.body);
    EXPECT_EQ(response.status, call.status) << response.body;
    EXPECT_TRUE(response.complete);
    EXPECT_EQ(FindJsonDifference(call.json, response.body), std::nullopt) << response.body;
  }
}

constexpr char kNewInvoice[] = R"({"lines": [{"sku": "s", "quantity": 2,
    "price": {"currency": "EUR", "units": "12", "nanos": 500000000}}]})";

const std::vector<ExampleCall> kBilling = {
    {"GET", "/v1/invoices/inv-1001", "", R"({"id": "inv-1001", "status": "STATUS_PAID"})"},
    {"POST", "/v1/customers/c-9/invoices", kNewInvoice,
     R"({"id": "inv-1006", "customerId": "c-9", "total": {"currency": "EUR", "units": "25"}})",
     201},
    {"GET", "/v1/invoices?pageSize=1", "",
     R"({"invoices": [{"id": "inv-1001"}], "nextPageToken": "after-1001"})"},
    {"GET", "/v1/invoices:watch?status=STATUS_DRAFT", "",
     R"([{"id": "inv-1004"}, {"id": "inv-1006"}])"},
    {"GET", "/v1/invoices/inv-1", "", R"({"code": 5})", 404},
};

const std::vector<ExampleCall> kAuth = {
    {"POST", "/v1/auth:validateLocal", R"({"token": "forged.4070908800.00"})", "{}"},
    {"POST", "/v1/auth:verify", R"({"token": "demo-token"})",
     R"({"valid": true, "userId": "u-1"})"},
    {"GET", "/v1/auth/tokens/demo-token", "", R"({"valid": true, "userId": "u-1"})"},
    {"GET", "/v1/users/u-1/permissions?resource=invoices", "",
     R"({"userId": "u-1", "byResource": {"invoices": {"read": true}}})"},
};

const std::vector<ExampleCall> kAudio = {
    {"POST", "/v1/audio:transcribe", R"({"audio": "cHVlbnRl", "sampleRateHz": 8000})",
     R"({"segments": [{"endSeconds": 0.000375}]})"},
    {"GET", "/v1/recordings/rec-1/transcript", "",
     R"([{"endSeconds": 1}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {"endSeconds": 12}])"},
    {"GET", "/v1/recordings/rec-9/transcript", "", R"({"code": 5})", 404},
    {"GET", "/v1/recordings/rec-9/audio", "", R"({"code": 5})", 404},
    {"POST", "/v1/audio:stream", R"([{"sequence": 1, "data": "AAAA"}, {"sequence": 2}])",
     R"([{"sequence": 1}, {"sequence": 2}])"},
    {"POST", "/v1/audio:stream", "[]", "[]"},
    {"POST", "/v1/sessions/s-1/audio",
     R"([{"sequence": 1, "data": "AAAA"}, {"sequence": 2, "data": "AAAA"}])",
     R"({"chunks": 2, "bytes": "6"})"},
    {"POST", "/v1/sessions/s-1/audio", "[]", R"({"code": 3})", 400},
};

const std::vector<ExampleCall> kUsers = {
    {"POST", "/users.v1.UserService/GetUser", R"({"id": "u-1"})", R"({"name": "Ada Lovelace"})"},
    {"POST", "/users.v1.UserService/ListUsers", "", R"({"users": [{}, {}, {}]})"},
    {"POST", "/users.v1.UserService/CreateUser",
     R"({"user": {"name": "Edsger", "email": "e@example.com", "age": 42}})",
     R"({"id": "u-4", "name": "Edsger", "email": "e@example.com", "age": 42})"},
    {"POST", "/users.v1.UserService/UpdateUser",
     R"({"id": "u-4", "user": {"age": 43, "name": "ignored"}, "updateMask": "age"})",
     R"({"id": "u-4", "name": "Edsger", "age": 43})"},
    {"POST", "/users.v1.UserService/ResetPassword", R"({"id": "u-4"})", "{}"},
    {"POST", "/users.v1.UserService/DeleteUser", R"({"id": "u-4"})", "{}"},
    {"POST", "/users.v1.UserService/GetUser", R"({"id": "u-4"})", R"({"code": 5})", 404},
};

TEST_F(Examples, EveryMethodAnswersWithAllContractsTogether) {
  const ProxyUnderTest proxy(server_.target());
  for (const auto& calls : {kBilling, kAuth, kAudio, kUsers}) Expect(proxy, calls);
}

TEST_F(Examples, EveryMethodAnswersWithItsContractAlone) {
  const std::pair<std::string, std::vector<ExampleCall>> contracts[] = {
      {"billing", kBilling}, {"auth", kAuth}, {"audiostream", kAudio}, {"users", kUsers}};
  for (const auto& [contract, calls] : contracts) {
    SCOPED_TRACE(contract);
    const auto proxy = ProxyUnderTest::FromConfig(
        fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                    "admin: {{address: \"127.0.0.1:0\"}}\n"
                    "descriptors: {{files: [\"{}\"]}}\n"
                    "upstreams: [{{name: examples, grpc: {{target: \"{}\"}}}}]\n",
                    ExampleDescriptors(contract), server_.target()));
    Expect(proxy, calls);
    EXPECT_EQ(proxy.Get("/v1/invoices/inv-1001").status, contract == "billing" ? 200 : 404);
  }
}

TEST_F(Examples, RequestsOfTheDemoAreAnsweredAsTheySay) {
  const ProxyUnderTest proxy(server_.target(), "transcoding: {auto_routes: REST}");
  HttpClient client = proxy.Connect();
  for (const auto& request : examples::DemoRequests()) {
    const HttpResponse response =
        client.Request(request.method, request.target, request.headers, request.body);
    EXPECT_TRUE(response.complete);
    EXPECT_EQ(CheckAnswer(request, {response.status, response.headers, response.body}),
              std::nullopt)
        << CurlLine(request) << "\n"
        << response.body.substr(0, 1000);
  }
}

TEST_F(Examples, DownloadIsTheServicesFileByteForByte) {
  const ProxyUnderTest proxy(server_.target());
  const HttpResponse response = proxy.Get("/v1/recordings/rec-1/audio");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Type"), "audio/wav");
  EXPECT_GT(response.chunks.size(), 1u);
  EXPECT_TRUE(response.body == examples::WavFile(examples::ToneSamples(8000, 12), 8000));
}

TEST_F(Examples, TwentyMebibytesOfAudioAreTranscribed) {
  const ProxyUnderTest proxy(server_.target(), "limits: {max_request_body_bytes: 33554432}");
  constexpr std::size_t kAudioBytes = 20 << 20;
  constexpr std::size_t kBytesPerSecond = 2 * 192000;
  std::string body = R"({"sampleRateHz": 192000, "audio": ")";
  body.append((kAudioBytes + 2) / 3 * 4, 'A').append("\"}");
  const HttpResponse response = proxy.Post("/v1/audio:transcribe", body);
  ASSERT_EQ(response.status, 200) << response.body;
  std::size_t segments = 0;
  for (auto at = response.body.find("endSeconds"); at != std::string::npos;
       at = response.body.find("endSeconds", at + 1)) {
    ++segments;
  }
  EXPECT_EQ(segments, (kAudioBytes + kBytesPerSecond - 1) / kBytesPerSecond);
}

// The stopped service keeps what it holds, and the proxy finds it again.
TEST_F(Examples, ServiceThatWasRestartedIsFoundAgain) {
  const ProxyUnderTest proxy(server_.target());
  HttpClient client = proxy.Connect();
  ASSERT_EQ(client.Get("/v1/invoices/inv-1001").status, 200);
  server_.Stop();
  EXPECT_THAT(client.Get("/v1/invoices/inv-1001"), IsError(503, 14));
  ASSERT_TRUE(server_.Start());
  EXPECT_TRUE(WaitUntil([&] { return client.Get("/v1/invoices/inv-1001").status == 200; }));
}

}  // namespace
}  // namespace puente::test
