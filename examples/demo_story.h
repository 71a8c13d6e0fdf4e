// How a service moves from REST to gRPC, as steps to try on the running demo. The demo prints their
// lines, and `--once` has a shell run just these.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace puente::examples {

// Where the story plays.
struct StoryPlaces {
  std::string proxy;   // "http://127.0.0.1:8080"
  std::string admin;   // "http://127.0.0.1:9901"
  std::string legacy;  // "http://127.0.0.1:9000"
  std::string config;  // the file of the proxy's configuration, DemoConfig's
};

struct StoryStep {
  std::string title;  // what it shows; of one line
  std::string lines;  // for a shell; may be run any number of times
  // What is wrong with what they print; nullopt when it is right.
  std::function<std::optional<std::string>(const std::string& output)> check;
  // How long it may take until they print what is right.
  std::chrono::milliseconds patience{0};
};

// In the order in which they are to be told: a step builds on those before it, and the last one
// leaves all as the first one found it.
std::vector<StoryStep> MigrationStory(const StoryPlaces& places);

// Runs the lines of `step`, again while they print something wrong and its patience lasts, and puts
// the last output into `output`. What is wrong with that; nullopt when it is right.
std::optional<std::string> Play(const StoryStep& step, std::string& output);

}  // namespace puente::examples
