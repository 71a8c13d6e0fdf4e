// Descriptors by server reflection: how they are asked for, what happens until they are there, and
// what a refresh changes.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <set>
#include <sstream>

#include "tests/integration/example_calls.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/integration/reflecting_upstream.h"

namespace puente::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

constexpr char kGetUser[] = "/users.v1.UserService/GetUser";
constexpr char kReflect[] = "reflection: [{upstream: examples}]";
constexpr char kReflectOften[] = "reflection: [{upstream: examples, refresh: 100ms}]";

std::string ConfigOf(const std::string& target, const std::string& descriptors,
                     const std::string& more = {}) {
  return fmt::format(
      "listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
      "admin: {{address: \"127.0.0.1:0\"}}\n"
      "upstreams: [{{name: examples, grpc: {{target: \"{}\",\n"
      "              max_receive_message_bytes: 1000000}}}}]\n"
      "descriptors: {{{}}}\n{}\n",
      target, descriptors, more);
}

ProxyUnderTest StartProxy(const std::string& target, const std::string& descriptors = kReflect,
                          const std::string& more = {}) {
  return ProxyUnderTest::FromConfig(ConfigOf(target, descriptors, more));
}

bool WaitReady(const ProxyUnderTest& proxy) {
  return WaitUntil([&] { return proxy.Admin("/readyz").status == 200; });
}

// Whether /readyz is 503 and says this, soon.
bool WaitFor(const ProxyUnderTest& proxy, const std::string& reason) {
  std::string said;
  const bool is = WaitUntil([&] {
    const auto answer = proxy.Admin("/readyz");
    said = fmt::format("{} {}", answer.status, answer.body);
    return answer.status == 503 && answer.body.find(reason) != std::string::npos;
  });
  EXPECT_TRUE(is) << said << "\nis not about: " << reason;
  return is;
}

// An upstream that reflects what `set` holds now, and serves invoices and users.
class FakeApi {
 public:
  explicit FakeApi(const std::vector<std::string>& contracts, const char* method = kReflectionV1) {
    Offer(ExampleSet(contracts));
    upstream.OnStream(method, ReflectBy([this](const ReflectionRequest& request) {
                        const std::lock_guard lock(mutex_);
                        if (request.has_list_services()) ++times_asked_;
                        return answer_(request);
                      }));
    upstream.OnUnary(kGetInvoice, [](const UnaryRequest& request) {
      return UnaryReply{.bytes = request.bytes};
    });
    upstream.OnUnary(
        kGetUser, [](const UnaryRequest& request) { return UnaryReply{.bytes = request.bytes}; });
  }
  ~FakeApi() { upstream.Stop(); }

  void Offer(google::protobuf::FileDescriptorSet set) { Answer(AnswersOf(std::move(set))); }
  void Answer(ReflectionAnswer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  // Whether it is asked all of it anew, twice: what the first of them led to is done then.
  bool WaitAskedAgain() {
    const int before = times_asked_;
    return WaitUntil([&] { return times_asked_ >= before + 2; });
  }
  int times_asked() const { return times_asked_; }

  FakeUpstream upstream;

 private:
  std::mutex mutex_;
  ReflectionAnswer answer_;
  std::atomic<int> times_asked_{0};
};

TEST(Reflection, V1IsPreferred) {
  FakeApi api({"billing"});
  const auto proxy = StartProxy(api.upstream.target());
  ASSERT_TRUE(WaitReady(proxy));
  EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})"));
  for (const RecordedCall& call : api.upstream.Calls()) EXPECT_NE(call.method, kReflectionV1Alpha);
}

TEST(Reflection, V1AlphaIsAskedWhereV1IsNotKnown) {
  using enum grpc::StatusCode;
  for (const auto code : {UNIMPLEMENTED, NOT_FOUND, UNKNOWN, INTERNAL, PERMISSION_DENIED, OK}) {
    FakeApi api({"billing"}, kReflectionV1Alpha);
    api.upstream.OnStream(kReflectionV1,
                          [code](UpstreamStream&) { return grpc::Status(code, "what?"); });
    const auto proxy = StartProxy(api.upstream.target());
    ASSERT_TRUE(WaitReady(proxy)) << code;
    EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})")) << code;
  }
}

TEST(Reflection, AnUpstreamMayStartAfterTheProxy) {
  FakeApi api({"billing"});
  api.upstream.Stop();
  const auto proxy = StartProxy(api.upstream.target());
  ASSERT_TRUE(WaitFor(proxy, "waiting for descriptors from upstream examples: UNAVAILABLE: "));
  auto client = proxy.Connect();
  const auto refused = client.Get("/v1/invoices/7");
  EXPECT_THAT(refused, IsError(503, 14));
  EXPECT_THAT(refused.Header("retry-after"), Optional(std::string("1")));
  EXPECT_EQ(proxy.Admin("/healthz").status, 200);
  EXPECT_EQ(proxy.Admin("/routes").status, 200);
  api.upstream.Start();
  ASSERT_TRUE(WaitReady(proxy));
  EXPECT_THAT(client.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})"));
  EXPECT_THAT(client.Get("/nowhere"), IsError(404, 5));
}

TEST(Reflection, WhatFilesHoldIsServedMeanwhile) {
  FakeApi api({"users"});
  api.upstream.Stop();
  const auto proxy =
      StartProxy(api.upstream.target(),
                 fmt::format("files: [\"{}\"], {}", ExampleDescriptors("billing"), kReflect),
                 "transcoding: {services: [users.v1.UserService, billing.v1.BillingService]}\n"
                 "routes: [{match: {service: users.v1.UserService}, upstream: examples},\n"
                 "         {match: {service: billing.v1.BillingService}, upstream: examples}]");
  ASSERT_TRUE(WaitFor(proxy, "waiting for descriptors from upstream examples: UNAVAILABLE: "));
  EXPECT_THAT(proxy.Post(kGetUser, "{}").body, HasSubstr("not loaded yet"));
  EXPECT_THAT(proxy.Get("/v1/invoices/7").body, Not(HasSubstr("not loaded yet")));
  api.upstream.Start();
  ASSERT_TRUE(WaitReady(proxy));
  EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})"));
  EXPECT_THAT(proxy.Post(kGetUser, R"({"id":"u-1"})"), IsJson(R"({"id":"u-1"})"));
}

TEST(Reflection, ARefreshAddsMethodsAndTakesThemAway) {
  FakeApi api({"users"});
  const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
  ASSERT_TRUE(WaitReady(proxy));
  auto client = proxy.Connect();
  EXPECT_THAT(client.Get("/v1/invoices/7"), IsError(404, 5));
  api.Offer(ExampleSet({"users", "billing"}));
  EXPECT_TRUE(WaitUntil([&] { return client.Get("/v1/invoices/7").status == 200; }));
  EXPECT_THAT(client.Post(kGetUser, R"({"id":"u-1"})"), IsJson(R"({"id":"u-1"})"));
  EXPECT_TRUE(WaitUntil(
      [&] { return proxy.Admin("/routes").body.find("/v1/invoices/{id}") != std::string::npos; }));
  api.Offer(ExampleSet({"billing"}));
  EXPECT_TRUE(WaitUntil([&] { return client.Post(kGetUser, "{}").status == 404; }));
  EXPECT_EQ(client.Get("/v1/invoices/7").status, 200);
}

TEST(Reflection, ARequestEndsWithTheDescriptorsThatItBeganWith) {
  FakeApi api({"billing", "users"});
  const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
  ASSERT_TRUE(WaitReady(proxy));
  std::promise<void> release;
  std::promise<void> began;
  api.upstream.OnUnary(kGetInvoice, [&](const UnaryRequest& request) {
    began.set_value();
    release.get_future().wait();
    return UnaryReply{.bytes = request.bytes};
  });
  auto client = proxy.Connect();
  client.Send("GET", "/v1/invoices/7");
  began.get_future().wait();
  api.Offer(ExampleSet({"users"}));
  EXPECT_TRUE(WaitUntil([&] { return proxy.Get("/v1/invoices").status == 404; }));
  release.set_value();
  EXPECT_THAT(client.ReadResponse(), IsJson(R"({"id":"7"})"));
  EXPECT_TRUE(WaitUntil([&] { return client.Get("/v1/invoices/7").status == 404; }));
  EXPECT_EQ(client.Post(kGetUser, "{}").status, 200);
}

TEST(Reflection, SeriesAreNotDoubledByARefresh) {
  FakeApi api({"billing"});
  const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
  ASSERT_TRUE(WaitReady(proxy));
  proxy.Get("/v1/invoices/7");
  api.Offer(ExampleSet({"billing", "users"}));
  ASSERT_TRUE(WaitUntil([&] { return proxy.Post(kGetUser, "{}").status == 200; }));
  proxy.Get("/v1/invoices/8");
  EXPECT_EQ(proxy.Metric("grpc_requests_total{method=\"GetInvoice\",service=\"billing.v1."
                         "BillingService\",status=\"OK\",traffic=\"live\",upstream=\"examples\"}"),
            2);
  std::set<std::string> series;
  std::istringstream lines(proxy.Admin("/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
}

// `set` with a method of InvoiceService that takes a path of another's.
google::protobuf::FileDescriptorSet WithConflict() {
  auto set = ExampleSet({"billing"});
  for (auto& file : *set.mutable_file()) {
    for (auto& service : *file.mutable_service()) {
      auto* twin = service.add_method();
      *twin = service.method(0);
      twin->set_name("Twin");
    }
  }
  return set;
}

TEST(Reflection, ARefreshThatFailsKeepsWhatWasServed) {
  const std::pair<const char*, std::function<void(FakeApi&)>> kFailures[] = {
      {"garbage",
       [](FakeApi& api) { api.Answer([](const auto&) { return ReflectionResponse(); }); }},
      {"conflicting routes", [](FakeApi& api) { api.Offer(WithConflict()); }},
      {"no services", [](FakeApi& api) { api.Offer({}); }},
      {"UNAUTHENTICATED",
       [](FakeApi& api) {
         api.upstream.OnStream(kReflectionV1, [](UpstreamStream&) {
           return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who are you?");
         });
       }},
  };
  for (const auto& [name, fail] : kFailures) {
    SCOPED_TRACE(name);
    FakeApi api({"billing"});
    const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
    ASSERT_TRUE(WaitReady(proxy));
    const std::size_t calls = api.upstream.CallCount();
    fail(api);
    ASSERT_TRUE(api.upstream.WaitForCalls(calls + 2));
    EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})"));
    EXPECT_TRUE(WaitUntil([&] {
      return proxy.Admin("/readyz").body.starts_with("ready; the last refresh failed: ");
    }));
    EXPECT_EQ(proxy.Admin("/readyz").status, 200);
    EXPECT_EQ(proxy.Get("/nowhere").status, 404);
    EXPECT_TRUE(
        WaitUntil([&] { return proxy.Metric("puente_config_last_reload_successful") == 0; }));
    EXPECT_GT(proxy.Metric(R"(puente_config_reloads_total{result="failure"})"), 0);
  }
}

TEST(Reflection, WhatSucceedsAgainIsTold) {
  FakeApi api({"billing"});
  const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
  ASSERT_TRUE(WaitReady(proxy));
  const auto told = [&](double value) {
    return WaitUntil([&] { return proxy.Metric("puente_config_last_reload_successful") == value; });
  };
  api.upstream.Stop();
  EXPECT_TRUE(told(0));
  api.upstream.Start();
  EXPECT_TRUE(told(1));
  EXPECT_EQ(proxy.Metric(R"(puente_config_reloads_total{result="success"})"), 0);
}

TEST(Reflection, RefreshesAreCounted) {
  FakeApi api({"billing"});
  const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
  ASSERT_TRUE(WaitReady(proxy));
  const auto is = [&](const std::string& metric, int value) {
    return WaitUntil([&] { return proxy.Metric("puente_config_" + metric) == value; });
  };
  EXPECT_TRUE(is("reloads_total{result=\"success\"}", 0));
  EXPECT_TRUE(is("last_reload_successful", 1));
  api.Offer(WithConflict());
  EXPECT_TRUE(is("reloads_total{result=\"failure\"}", 1));
  EXPECT_TRUE(is("last_reload_successful", 0));
  EXPECT_TRUE(WaitUntil([&] {
    return proxy.Admin("/readyz").body.find("BillingService.Twin") != std::string::npos;
  }));
  api.Offer(ExampleSet({"billing", "users"}));
  EXPECT_TRUE(is("reloads_total{result=\"success\"}", 1));
  EXPECT_TRUE(is("last_reload_successful", 1));
  EXPECT_TRUE(WaitUntil([&] { return proxy.Admin("/readyz").body == "ready\n"; }));
}

TEST(Reflection, AServiceWithoutADescriptorStopsNoOther) {
  FakeApi api({"billing"});
  api.Answer([answer = AnswersOf(ExampleSet({"billing"}))](const ReflectionRequest& request) {
    ReflectionResponse response = answer(request);
    if (request.has_list_services()) {
      response.mutable_list_services_response()->add_service()->set_name("a.Ghost");
    }
    return response;
  });
  const auto proxy = StartProxy(api.upstream.target());
  ASSERT_TRUE(WaitReady(proxy));
  EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})"));
}

TEST(Reflection, AfterAFailureWhatIsOfferedThenIsServed) {
  FakeApi api({"billing"});
  const auto proxy = StartProxy(api.upstream.target(), kReflectOften);
  ASSERT_TRUE(WaitReady(proxy));
  api.Offer(WithConflict());
  ASSERT_TRUE(api.WaitAskedAgain());
  api.upstream.Stop();
  api.Offer(ExampleSet({"billing", "users"}));
  EXPECT_EQ(proxy.Get("/v1/invoices/7").status, 503);
  api.upstream.Start();
  EXPECT_TRUE(WaitUntil([&] { return proxy.Post(kGetUser, "{}").status == 200; }));
}

// Invoices come from one upstream, users from another.
ProxyUnderTest StartWithTwo(const FakeUpstream& billing, const std::string& billing_refresh,
                            const FakeUpstream& users, const std::string& users_refresh) {
  return ProxyUnderTest::FromConfig(
      fmt::format("listeners: [{{name: rest, address: \"127.0.0.1:0\"}}]\n"
                  "admin: {{address: \"127.0.0.1:0\"}}\n"
                  "upstreams: [{{name: billing, grpc: {{target: \"{}\"}}}},\n"
                  "            {{name: users, grpc: {{target: \"{}\"}}}}]\n"
                  "descriptors: {{reflection: [{{upstream: billing, refresh: {}}},\n"
                  "                           {{upstream: users, refresh: {}}}]}}\n"
                  "routes: [{{match: {{service: billing.v1.BillingService}}, upstream: billing}},\n"
                  "         {{match: {{service: users.v1.UserService}}, upstream: users}}]\n",
                  billing.target(), users.target(), billing_refresh, users_refresh));
}

TEST(Reflection, AnUpstreamThatDoesNotAnswerHoldsUpNoOther) {
  FakeUpstream silent;
  silent.OnStream(kReflectionV1, [](UpstreamStream& stream) {
    stream.WaitCancelled();
    return grpc::Status::CANCELLED;
  });
  FakeApi users({"users"});
  const auto proxy = StartWithTwo(silent, "60s", users.upstream, "60s");
  EXPECT_TRUE(
      WaitUntil([&] { return proxy.Post(kGetUser, "{}").status == 200; }, std::chrono::seconds(5)));
  EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsError(503, 14));
  EXPECT_TRUE(
      WaitFor(proxy, "waiting for descriptors from upstream billing: it has not answered yet"));
}

TEST(Reflection, WithoutARefreshItIsAskedOnce) {
  FakeApi once({"billing"});
  FakeApi often({"users"});
  const auto proxy = StartWithTwo(once.upstream, "0s", often.upstream, "100ms");
  ASSERT_TRUE(WaitReady(proxy));
  ASSERT_TRUE(often.WaitAskedAgain());
  EXPECT_EQ(once.times_asked(), 1);
  EXPECT_EQ(proxy.Get("/v1/invoices/7").status, 200);
  EXPECT_EQ(proxy.Post(kGetUser, "{}").status, 200);
}

TEST(Reflection, WhatKeepsItFromBeingServedIsNamed) {
  const auto dropping = [](const std::string& file) {
    const auto whole = ExampleSet({"billing"});
    google::protobuf::FileDescriptorSet set;
    for (const auto& each : whole.file()) {
      if (each.name() != file) *set.add_file() = each;
    }
    return AnswersOf(set);
  };
  auto importing = ExampleSet({"billing"});
  for (auto& file : *importing.mutable_file()) {
    if (file.service_size() > 0) file.add_dependency("no/where.proto");
  }
  auto broken = ExampleSet({"billing"});
  for (auto& file : *broken.mutable_file()) {
    if (file.service_size() > 0) file.mutable_service(0)->mutable_method(0)->set_input_type(".X");
  }
  const auto endless = [](const ReflectionRequest& request) {
    ReflectionResponse response;
    if (request.has_list_services()) {
      response.mutable_list_services_response()->add_service()->set_name("a.A");
      return response;
    }
    google::protobuf::FileDescriptorProto file;
    file.set_name(request.has_file_by_filename() ? request.file_by_filename() : "a");
    file.set_package("a");
    if (file.name() == "a") file.add_service()->set_name("A");
    file.add_dependency(file.name() + "a");
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(
        file.SerializeAsString());
    return response;
  };
  const auto huge = [](const ReflectionRequest& request) {
    ReflectionResponse response;
    auto* list = response.mutable_list_services_response();
    for (int i = 0; i < 20'000; ++i) list->add_service()->set_name(fmt::format("a.A{}", i));
    if (!request.has_list_services()) response.Clear();
    return response;
  };
  const std::pair<ReflectionAnswer, const char*> kCases[] = {
      {[](const auto&) { return ReflectionResponse(); },
       "waiting for descriptors from upstream examples: asked for its services, its reflection "
       "answered something else"},
      {AnswersOf({}), "its reflection lists no services but gRPC's own"},
      {AnswersOf(importing),
       "asked for no/where.proto, which billing/v1/billing.proto imports, its reflection answered "
       "NOT_FOUND: it is not in the set"},
      {AnswersOf(broken), "reflection of upstream examples: billing/v1/billing.proto: "},
      {AnswersOf(WithConflict()), "waiting for descriptors that can be served: "},
      {huge, "its reflection lists more than 10000 services"},
      {endless, "imports a file called '"},
  };
  for (const auto& [answer, reason] : kCases) {
    FakeApi api({"billing"});
    api.Answer(answer);
    const auto proxy = StartProxy(api.upstream.target());
    EXPECT_TRUE(WaitFor(proxy, reason));
    EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsError(503, 14));
  }
  // The well-known files are built in.
  FakeApi api({"billing"});
  api.Answer(dropping("google/api/annotations.proto"));
  EXPECT_TRUE(WaitReady(StartProxy(api.upstream.target())));
}

TEST(Reflection, CallsThatEndBadlyAreNamed) {
  using enum grpc::StatusCode;
  const std::pair<FakeUpstream::StreamScript, const char*> kCases[] = {
      {[](UpstreamStream&) { return grpc::Status(UNAUTHENTICATED, "who\nare you?"); },
       "upstream examples: UNAUTHENTICATED: who are you?"},
      {[](UpstreamStream&) { return grpc::Status(UNIMPLEMENTED, "no"); },
       "it does not serve reflection (neither grpc.reflection.v1 nor grpc.reflection.v1alpha)"},
      {[](UpstreamStream&) { return grpc::Status(PERMISSION_DENIED, "no"); },
       "upstream examples: PERMISSION_DENIED: no"},
      {[](UpstreamStream& stream) {
         stream.Read();
         stream.Write(std::string("\xff\xff"));
         stream.Read();
         return grpc::Status::OK;
       },
       "answered what is no ServerReflectionResponse"},
      {[](UpstreamStream& stream) {
         const auto request = stream.Read();
         ReflectionResponse list;
         list.mutable_list_services_response()->add_service()->set_name("a.A");
         stream.Write(list);
         return grpc::Status::OK;
       },
       "its reflection ended the call early"},
      {[](UpstreamStream& stream) {
         stream.Read();
         stream.Write(std::string(1 << 20, 'x'));
         stream.Read();
         return grpc::Status::OK;
       },
       "RESOURCE_EXHAUSTED: "},
  };
  for (const auto& [script, reason] : kCases) {
    FakeUpstream upstream;
    upstream.OnStream(kReflectionV1, script);
    const auto proxy = StartProxy(upstream.target());
    EXPECT_TRUE(WaitFor(proxy, reason));
  }
}

TEST(Reflection, ADifferentFileOfTheSameNameIsNamed) {
  FakeApi api({"billing"});
  auto changed = ExampleSet({"billing"});
  for (auto& file : *changed.mutable_file()) {
    if (file.service_size() > 0) {
      file.mutable_service(0)->mutable_options()->set_deprecated(true);
    }
  }
  api.Offer(changed);
  const auto proxy =
      StartProxy(api.upstream.target(),
                 fmt::format("files: [\"{}\"], {}", ExampleDescriptors("billing"), kReflect));
  EXPECT_TRUE(WaitFor(proxy, "billing/v1/billing.proto differs between "));
  EXPECT_TRUE(WaitFor(proxy, "reflection of upstream examples"));
  EXPECT_THAT(proxy.Get("/v1/invoices/7"), IsJson(R"({"id":"7"})"));
}

TEST(Reflection, TheProxyStopsWhileItWaitsForAnAnswer) {
  FakeUpstream upstream;
  upstream.OnStream(kReflectionV1, [](UpstreamStream& stream) {
    stream.WaitCancelled();
    return grpc::Status::CANCELLED;
  });
  auto proxy = StartProxy(upstream.target());
  ASSERT_TRUE(upstream.WaitForCalls(1));
  const auto began = std::chrono::steady_clock::now();
  proxy.Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  EXPECT_TRUE(upstream.WaitForCancelled(1));
}

}  // namespace
}  // namespace puente::test
