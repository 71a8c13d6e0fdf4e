// The page of the example services that shows streams, in a real browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "examples/services/example_server.h"
#include "tests/browser/web_driver.h"
#include "tests/integration/proxy_under_test.h"
#include "tests/support/wait_until.h"

namespace puente::test {
namespace {

using testing::HasSubstr;

class StreamsPage : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start());
    proxy_.emplace(server_.target());
    browser_.Open("http://127.0.0.1:" + std::to_string(proxy_->port()) + "/pages/streams");
  }

  // What the heading of a section says of its stream, once that is over.
  std::string StateOf(const std::string& id) {
    std::string state;
    WaitUntil([&] {
      state = browser_.Evaluate("return document.getElementById('" + id + "').dataset.state ?? ''");
      return state != "waiting";
    });
    return state;
  }
  // How many messages it has shown.
  std::string CountOf(const std::string& id) {
    return browser_.Evaluate("return String(document.querySelectorAll('#" + id +
                             " ~ ol > li').length)");
  }
  std::string TextOf(const std::string& id) {
    return browser_.Evaluate("return document.querySelector('#" + id + " ~ ol').innerText");
  }

  examples::ExampleServer server_;
  std::optional<ProxyUnderTest> proxy_;
  WebDriver browser_;
};

TEST_F(StreamsPage, ShowsEveryKindOfStream) {
  EXPECT_EQ(StateOf("events"), "ended");
  EXPECT_EQ(CountOf("events"), "12");
  EXPECT_EQ(StateOf("lines"), "ended");
  EXPECT_EQ(CountOf("lines"), "12");
  EXPECT_EQ(StateOf("socket"), "closed with 1000");
  EXPECT_EQ(CountOf("socket"), "3");
  EXPECT_EQ(StateOf("upload"), "closed with 1000");
  EXPECT_THAT(TextOf("upload"), HasSubstr("3 chunks stored"));
  EXPECT_EQ(StateOf("failure"), "closed with 4005");
  EXPECT_THAT(TextOf("failure"), HasSubstr("no such audiostream.v1.Recording"));
}

// A page of another site can't open a WebSocket in its user's name.
TEST_F(StreamsPage, OfAnotherOriginGetsNoWebSocket) {
  browser_.Open("data:text/html,<p>elsewhere</p>");
  browser_.Evaluate("window.state = 'waiting'; const s = new WebSocket('ws://127.0.0.1:" +
                    std::to_string(proxy_->port()) +
                    "/v1/audio:stream'); s.onopen = () => window.state = 'open'; s.onclose = (e) "
                    "=> window.state ="
                    " window.state === 'open' ? 'open' : 'refused'; return ''");
  std::string state;
  WaitUntil([&] { return (state = browser_.Evaluate("return window.state")) != "waiting"; });
  EXPECT_EQ(state, "refused");
}

}  // namespace
}  // namespace puente::test
