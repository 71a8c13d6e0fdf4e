// A real browser, driven through the W3C WebDriver protocol: Debian's Chromium and ChromeDriver.
#pragma once

#include <google/protobuf/struct.pb.h>

#include <cstdint>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace puente::test {

// One headless browser with one window. Throws std::runtime_error when the browser can't be
// started, and for whatever it does not do.
class WebDriver {
 public:
  WebDriver();
  ~WebDriver();
  WebDriver(const WebDriver&) = delete;
  WebDriver& operator=(const WebDriver&) = delete;

  void Open(const std::string& url);
  // Runs `script`, the body of a JavaScript function, in the page, and returns what it returns as
  // text.
  std::string Evaluate(const std::string& script);

 private:
  google::protobuf::Value Command(const std::string& method, const std::string& path,
                                  const google::protobuf::Struct& parameters = {});

  TempDir profile_;
  ChildProcess driver_;
  std::uint16_t port_;
  std::string session_;
};

}  // namespace puente::test
