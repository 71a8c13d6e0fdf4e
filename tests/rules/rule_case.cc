#include "tests/rules/rule_case.h"

#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "google/rpc/status.pb.h"

namespace puente::test {
namespace {

template <class T, class Change>
T Changed(T value, const Change& change) {
  change(value);
  return value;
}

Expect Success() { return {}; }

}  // namespace

Send Send::With(const std::string& name, const std::string& value) const {
  return Changed(*this, [&](Send& send) { send.headers.emplace_back(name, value); });
}

Send Get(const std::string& target) { return {"GET", target}; }
Send Post(const std::string& target, const std::string& body) { return {"POST", target, body}; }
Send Put(const std::string& target, const std::string& body) { return {"PUT", target, body}; }
Send Patch(const std::string& target, const std::string& body) { return {"PATCH", target, body}; }

Send PostForm(const std::string& target, const std::string& body) {
  return Post(target, body).Typed("application/x-www-form-urlencoded");
}

Send RawGet(const std::string& head) {
  std::string bytes;
  for (const char c : head) bytes += c == '\n' ? "\r\n" : std::string(1, c);
  return RawBytes(bytes + "\r\n\r\n");
}

Send RawBytes(const std::string& bytes, const std::string& method) {
  return {method, {}, {}, {}, bytes};
}

Reply Reply::Initial(const std::string& key, const std::string& value) const {
  return Changed(*this, [&](Reply& reply) { reply.initial.emplace_back(key, value); });
}

Reply Reply::Trailing(const std::string& key, const std::string& value) const {
  return Changed(*this, [&](Reply& reply) { reply.trailing.emplace_back(key, value); });
}

Reply Reply::Details(const std::string& status) const {
  google::rpc::Status parsed;
  if (!google::protobuf::TextFormat::ParseFromString(status, &parsed)) {
    throw std::invalid_argument("not a google.rpc.Status: " + status);
  }
  return RawDetails(parsed.SerializeAsString());
}

Reply Reply::RawDetails(const std::string& bytes) const {
  return Changed(*this, [&](Reply& reply) { reply.details = bytes; });
}

Reply Reply::ThenFails(int status_code, const std::string& status_message) const {
  return Changed(*this, [&](Reply& reply) {
    reply.code = status_code;
    reply.message = status_message;
  });
}

Reply Replies(std::vector<std::string> messages) { return {.messages = std::move(messages)}; }
Reply RepliesBytes(const std::string& bytes) {
  return {.messages = std::vector<std::string>(), .bytes = {bytes}};
}
Reply FailsWith(int code, const std::string& message) {
  return Replies({}).ThenFails(code, message);
}
Reply WithMetadata(const Metadata& initial) { return {.initial = initial}; }

Expect Expect::Says(const std::string& text) const {
  return Changed(*this, [&](Expect& expect) { expect.says.push_back(text); });
}

Expect Expect::Answers(const std::string& text) const {
  return Changed(*this, [&](Expect& expect) { expect.body = text; });
}

Expect Expect::Typed(const std::string& media_type) const {
  return Changed(*this, [&](Expect& expect) { expect.content_type = media_type; });
}

Expect Expect::Status(int value) const {
  return Changed(*this, [&](Expect& expect) { expect.status = value; });
}

Expect Expect::Rpc(const std::string& name) const {
  return Changed(*this, [&](Expect& expect) { expect.rpc = name; });
}

Expect Expect::Header(const std::string& name, const std::string& value) const {
  return Changed(*this, [&](Expect& expect) { expect.headers.emplace_back(name, value); });
}

Expect Expect::NoHeader(const std::string& name) const {
  return Changed(*this, [&](Expect& expect) { expect.no_headers.push_back(name); });
}

Expect Expect::SeesMetadata(const std::string& key, const std::string& value) const {
  return Changed(*this, [&](Expect& expect) { expect.metadata.emplace_back(key, value); });
}

Expect Expect::SeesOne(const std::string& key, const std::string& part) const {
  return Changed(*this, [&](Expect& expect) { expect.metadata_parts.emplace_back(key, part); });
}

Expect Expect::SeesNoMetadata(const std::string& key) const {
  return Changed(*this, [&](Expect& expect) { expect.no_metadata.push_back(key); });
}

Expect Expect::DeadlineIn(std::chrono::milliseconds least, std::chrono::milliseconds most) const {
  return Changed(*this, [&](Expect& expect) { expect.deadline.emplace(least, most); });
}

Expect Expect::Counts(const std::string& kind, int count) const {
  return Changed(*this, [&](Expect& expect) { expect.dropped.emplace(kind, count); });
}

Expect Expect::Hides(const std::string& text) const {
  return Changed(*this, [&](Expect& expect) { expect.not_in_body.push_back(text); });
}

Expect Expect::MayReach() const {
  return Changed(*this, [](Expect& expect) { expect.reaches.reset(); });
}

Expect Expect::NotReached() const {
  return Changed(*this, [](Expect& expect) { expect.reaches = false; });
}

Expect Expect::Cut() const {
  return Changed(*this, [](Expect& expect) { expect.complete = false; });
}

Expect Expect::Closes() const {
  return Changed(*this, [](Expect& expect) { expect.closes = true; });
}

Expect Sees(const std::string& request) { return SeesAll({request}); }

Expect SeesAll(std::vector<std::string> requests) {
  return Changed(Success(), [&](Expect& expect) { expect.requests = std::move(requests); });
}

Expect Answers(const std::string& json) { return Success().Answers(json); }

Expect Calls(const std::string& name, const std::string& request) {
  return Sees(request).Rpc(name);
}

Expect Failed(int status, int code, const std::string& says) {
  Expect expect = Success().Status(status);
  expect.code = code;
  return says.empty() ? expect : expect.Says(says);
}

Expect Refused(int status, int code, const std::string& says) {
  return Failed(status, code, says).NotReached();
}

RuleCase::RuleCase(std::string case_name, Send what, Expect outcome, Reply answer,
                   ProxySetup config)
    : name(std::move(case_name)),
      send(std::move(what)),
      expect(std::move(outcome)),
      reply(std::move(answer)),
      setup(std::move(config)) {}

RuleCase::RuleCase(std::string case_name, Send what, Expect outcome, ProxySetup config)
    : RuleCase(std::move(case_name), std::move(what), std::move(outcome), Reply{},
               std::move(config)) {}

void PrintTo(const RuleParam& param, std::ostream* out) {
  const Send& send = param.rule->send;
  *out << param.codec << " " << (send.raw.empty() ? send.method + " " + send.target : send.raw);
}

std::string NameOf(const RuleParam& param) { return param.rule->name + "_" + param.codec; }

const std::vector<std::string>& Codecs() {
  static const std::vector<std::string> codecs = {"COMPILED", "DYNAMIC"};
  return codecs;
}

std::vector<RuleParam> WithCodecs(std::vector<RuleCase> cases) {
  std::vector<std::shared_ptr<const RuleCase>> rules;
  for (RuleCase& rule : cases) rules.push_back(std::make_shared<RuleCase>(std::move(rule)));
  std::vector<RuleParam> params;
  for (const std::string& codec : Codecs()) {
    for (const auto& rule : rules) params.push_back({codec, rule});
  }
  return params;
}

}  // namespace puente::test
