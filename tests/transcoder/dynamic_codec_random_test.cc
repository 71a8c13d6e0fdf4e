// The codec against protobuf's own JSON mapping of the generated classes, on random messages.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/transcoder/codec_fixture.h"
#include "tests/transcoder/random_messages.h"

namespace puente {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::RandomMessages;

constexpr int kMessages = 1500;
constexpr int kMutations = 20000;

TEST(DynamicCodecRandom, ReadsWhatProtobufPrints) {
  const testing::RouteUnderTest route({});
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    codec::Everything message;
    RandomMessages(seed).Fill(message, 3);
    std::string json;
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = seed % 2 != 0;
    options.preserve_proto_field_names = seed % 3 == 0;
    options.always_print_enums_as_ints = seed % 5 == 0;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok()) << seed;
    const auto wire = route.EncodeBody(json);
    ASSERT_TRUE(wire) << "seed " << seed << ": " << wire.error().message << "\n" << json;
    codec::Everything read;
    ASSERT_TRUE(read.ParseFromString(*wire)) << seed;
    ASSERT_TRUE(MessageDifferencer::Equals(message, read))
        << "seed " << seed << "\n"
        << message.DebugString() << read.DebugString() << json;
  }
}

TEST(DynamicCodecRandom, ProtobufReadsWhatItPrints) {
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    codec::Everything message;
    RandomMessages(seed).Fill(message, 3);
    const testing::RouteUnderTest route({}, {.preserve_proto_field_names = seed % 2 != 0,
                                             .print_enums_as_ints = seed % 3 == 0,
                                             .int64_as_number = seed % 5 == 0});
    const std::string json = route.Decode(message.SerializeAsString());
    codec::Everything read;
    const auto status = google::protobuf::util::JsonStringToMessage(json, &read);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.message() << "\n" << json;
    ASSERT_TRUE(MessageDifferencer::Equals(message, read))
        << "seed " << seed << "\n"
        << message.DebugString() << read.DebugString() << json;
  }
}

TEST(DynamicCodecRandom, ReadsWhatItPrints) {
  for (unsigned seed = kMessages; seed < 2 * kMessages; ++seed) {
    codec::Everything message;
    RandomMessages(seed).Fill(message, 4);
    const testing::RouteUnderTest route({},
                                        {.always_print_fields_with_no_presence = seed % 2 != 0});
    const std::string json = route.Decode(message.SerializeAsString());
    const auto wire = route.EncodeBody(json);
    ASSERT_TRUE(wire) << "seed " << seed << ": " << wire.error().message << "\n" << json;
    codec::Everything read;
    ASSERT_TRUE(read.ParseFromString(*wire)) << seed;
    ASSERT_TRUE(MessageDifferencer::Equals(message, read)) << seed << "\n" << json;
  }
}

// Changes, drops or doubles a few bytes.
std::string Mutate(std::string json, std::mt19937& random) {
  constexpr std::string_view kBytes = "{}[],:\"'\\0123456789.eE+-aNntfu_ \n\x01\xff";
  for (unsigned n = 1 + random() % 2; n > 0 && !json.empty(); --n) {
    const std::size_t at = random() % json.size();
    switch (random() % 3) {
      case 0:
        json[at] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        json.erase(at, 1 + random() % 3);
        break;
      default:
        json.insert(at, 1, kBytes[random() % kBytes.size()]);
    }
  }
  return json;
}

// json_util only knows type URLs of one host.
bool HasForeignType(std::string_view json) {
  constexpr std::string_view kKey = "\"@type\":";
  constexpr std::string_view kUrl = "\"type.googleapis.com/";
  for (std::size_t at = json.find(kKey); at != json.npos; at = json.find(kKey, at + 1)) {
    if (!json.substr(at + kKey.size()).starts_with(kUrl)) return true;
  }
  return false;
}

TEST(DynamicCodecRandom, WhatItAcceptsProtobufReadsAsTheSame) {
  const testing::RouteUnderTest route({});
  int accepted = 0;
  for (unsigned seed = 0; seed < kMutations; ++seed) {
    codec::Everything message;
    RandomMessages(seed % kMessages).Fill(message, 2);
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
    std::mt19937 random(seed);
    json = Mutate(json, random);
    const auto wire = route.EncodeBody(json);
    if (!wire || HasForeignType(json)) continue;
    ++accepted;
    codec::Everything ours, theirs;
    ASSERT_TRUE(ours.ParseFromString(*wire));
    const auto status = google::protobuf::util::JsonStringToMessage(json, &theirs);
    // Bits behind the last byte of base64 count for json_util.
    if (std::string(status.message()).ends_with("for type TYPE_BYTES")) continue;
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.message() << "\n" << json;
    ASSERT_TRUE(MessageDifferencer::Equals(ours, theirs))
        << "seed " << seed << "\n"
        << json << "\n"
        << ours.DebugString() << theirs.DebugString();
  }
  EXPECT_GT(accepted, 1000) << "the mutations are too wild to test anything";
}

}  // namespace
}  // namespace puente
