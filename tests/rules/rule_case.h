// A case of design section 4 as data: what is sent, what the upstream answers, what must come of
// it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_upstream.h"
#include "tests/support/http_client.h"

namespace puente::test {

// A request. Bodies are JSON unless Typed says something else.
struct Send {
  std::string method;
  std::string target;
  std::string body = {};
  HeaderList headers = {};
  std::string raw = {};  // all of the bytes, in place of everything but `method`

  Send With(const std::string& name, const std::string& value) const;
  Send Typed(const std::string& media_type) const { return With("Content-Type", media_type); }
};
Send Get(const std::string& target);
Send Post(const std::string& target, const std::string& body);
Send Put(const std::string& target, const std::string& body);
Send Patch(const std::string& target, const std::string& body);
Send PostForm(const std::string& target, const std::string& body);
// `head` without its last empty line, with LF line ends, and without Host.
Send RawGet(const std::string& head);
// The bytes as they are. `method` is what the answer is read as one to.
Send RawBytes(const std::string& bytes, const std::string& method = "GET");

// What the upstream does once it has all messages of the request. Unless a case says anything: it
// sends back what it got, where the types allow it, and one empty message elsewhere.
struct Reply {
  std::optional<std::vector<std::string>> messages = {};  // text format
  std::vector<std::string> bytes = {};                    // wire form, behind `messages`
  int code = 0;
  std::string message = {};
  std::string details = {};  // the bytes of grpc-status-details-bin
  Metadata initial = {};
  Metadata trailing = {};

  Reply Initial(const std::string& key, const std::string& value) const;
  Reply Trailing(const std::string& key, const std::string& value) const;
  // The google.rpc.Status, in text format, that goes with the status.
  Reply Details(const std::string& status) const;
  Reply RawDetails(const std::string& bytes) const;
  // After the messages.
  Reply ThenFails(int code, const std::string& message) const;
};
Reply Replies(std::vector<std::string> messages);
Reply RepliesBytes(const std::string& bytes);
Reply FailsWith(int code, const std::string& message = {});
// That it succeeds, with these initial metadata.
Reply WithMetadata(const Metadata& initial);

// What must come of it. Text in an error that begins with "qzx" is never to be seen again: cases
// use it for what they send as bad values.
struct Expect {
  int status = 200;
  std::optional<int> code = {};        // the gRPC code in the error's body
  std::vector<std::string> says = {};  // parts of the body
  std::optional<bool> reaches = true;  // whether the upstream is called; nullopt: either way
  std::optional<std::vector<std::string>> requests = {};  // text format
  std::string rpc = {};                                   // which method is called
  std::optional<std::string> body = {};                   // to the letter
  std::optional<std::string> content_type = {};
  HeaderList headers = {};
  std::vector<std::string> no_headers = {};
  Metadata metadata = {};        // all values of each key that stands here, in this order
  Metadata metadata_parts = {};  // what the one value of each key holds
  std::vector<std::string> no_metadata = {};
  std::vector<std::string> not_in_body = {"qzx"};
  std::optional<std::pair<std::chrono::milliseconds, std::chrono::milliseconds>> deadline = {};
  std::optional<std::pair<std::string, int>> dropped = {};  // kind, and how many are counted
  bool complete = true;
  bool closes = false;

  // One more part of the body; all of it.
  Expect Says(const std::string& text) const;
  Expect Answers(const std::string& text) const;
  Expect Typed(const std::string& media_type) const;
  Expect Status(int value) const;
  Expect Rpc(const std::string& name) const;
  Expect Header(const std::string& name, const std::string& value) const;
  Expect NoHeader(const std::string& name) const;
  Expect SeesMetadata(const std::string& key, const std::string& value) const;
  Expect SeesOne(const std::string& key, const std::string& part = {}) const;
  Expect SeesNoMetadata(const std::string& key) const;
  Expect DeadlineIn(std::chrono::milliseconds least, std::chrono::milliseconds most) const;
  Expect Counts(const std::string& kind, int count) const;
  Expect Hides(const std::string& text) const;
  Expect MayReach() const;
  Expect NotReached() const;
  Expect Cut() const;
  Expect Closes() const;
};
// Success, with these request messages.
Expect Sees(const std::string& request);
Expect SeesAll(std::vector<std::string> requests);
// Success, with this body.
Expect Answers(const std::string& json);
// Success of the method called `name`, with this request message.
Expect Calls(const std::string& name, const std::string& request);
// An error of the proxy's own, before the upstream is called.
Expect Refused(int status, int code, const std::string& says = {});
// An error that came of what the upstream answered.
Expect Failed(int status, int code, const std::string& says = {});

// What the configuration has besides listener, descriptors and upstream.
struct ProxySetup {
  std::string transcoding = {};  // keys of `transcoding`, in flow style
  std::string more = {};         // further top-level keys
  auto operator<=>(const ProxySetup&) const = default;
};

struct RuleCase {
  RuleCase(std::string name, Send send, Expect expect, Reply reply = {}, ProxySetup setup = {});
  RuleCase(std::string name, Send send, Expect expect, ProxySetup setup);

  std::string name;
  Send send;
  Expect expect;
  Reply reply;
  ProxySetup setup;
};

// A case with the codec it is to hold for.
struct RuleParam {
  std::string codec;
  std::shared_ptr<const RuleCase> rule;  // gtest copies its parameters often
};
void PrintTo(const RuleParam& param, std::ostream* out);
std::string NameOf(const RuleParam& param);

// Every codec that there is, as the configuration calls it.
const std::vector<std::string>& Codecs();
// Every case with every codec.
std::vector<RuleParam> WithCodecs(std::vector<RuleCase> cases);

}  // namespace puente::test
