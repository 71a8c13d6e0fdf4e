// Cases of what JSON becomes in the request message, and the message in JSON.
#pragma once

#include <string>

#include "tests/rules/rule_case.h"

namespace puente::test {

// The body `json` is the message `text`, and that one is the answer `out`.
inline RuleCase Maps(const std::string& name, const std::string& json, const std::string& text,
                     const std::string& out) {
  return {name, Post("/v1/things", json), Sees(text).Answers(out)};
}

// `json` is the message `text`, and back.
inline RuleCase Maps(const std::string& name, const std::string& json, const std::string& text) {
  return Maps(name, json, text, json);
}

// `json` is refused; the error says `place`.
inline RuleCase Bad(const std::string& name, const std::string& json,
                    const std::string& place = {}) {
  return {name, Post("/v1/things", json), Refused(400, 3, place)};
}

// The message `text` is the answer `out`.
inline RuleCase Prints(const std::string& name, const std::string& text, const std::string& out,
                       const ProxySetup& setup = {}) {
  return {name, Get("/v1/things"), Answers(out), Replies({text}), setup};
}

}  // namespace puente::test
