// Random texts through both readers.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/transcoder/compiled/codec_readers.h"
#include "tests/transcoder/compiled/random_json.h"
#include "tests/transcoder/random_messages.h"

namespace puente {
namespace {

using testing::kEverything;
using testing::RandomJson;
using testing::RandomMessages;
using testing::ReaderInput;
using testing::Readers;

// JsonToWire may leave to JsonReader an Any that does not begin with its type, and what is named.
bool MayGiveUp(const ReaderInput& input) {
  return input.unknown == UnknownInput::kWarn || input.json.find("@type") != input.json.npos;
}

bool Read(const ReaderInput& input) {
  return MayGiveUp(input) ? Readers().Agree(input) : Readers().SayTheSame(input);
}

UnknownInput ModeOf(unsigned seed) {
  constexpr UnknownInput kModes[] = {UnknownInput::kReject, UnknownInput::kIgnore,
                                     UnknownInput::kIgnore, UnknownInput::kWarn};
  return kModes[seed % 4];
}

TEST(JsonToWireRandom, ReadsWhatProtobufPrintsAndNeverGivesUp) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    codec::Everything message;
    RandomMessages(seed).Fill(message, 3);
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = seed % 2 != 0;
    options.preserve_proto_field_names = seed % 3 == 0;
    options.always_print_enums_as_ints = seed % 5 == 0;
    options.always_print_primitive_fields = seed % 7 == 0;
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
    ASSERT_TRUE(Readers().SayTheSame({kEverything, json})) << seed;
  }
}

TEST(JsonToWireRandom, AgreesOnAllThatJsonCanSay) {
  int read = 0, refused = 0;
  for (unsigned seed = 0; seed < 30000; ++seed) {
    RandomJson random(seed, seed % 3 == 0 ? 20 : 300);
    const bool is_legacy = seed % 10 == 0;
    const std::string_view type = is_legacy ? "puente.codec.Legacy" : kEverything;
    const auto* descriptor = Readers().set().pool().FindMessageTypeByName(std::string(type));
    const std::string json = random.Message(*descriptor, 3);
    ReaderInput input{.type = type, .json = json, .unknown = ModeOf(seed)};
    if (!is_legacy && seed % 4 == 1) input.bound = {"inner.id", "self.an_int32", "choice_string"};
    if (seed % 5 == 0) input.max_depth = 4;
    Read(input) ? ++read : ++refused;
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(read, 3000);
  EXPECT_GT(refused, 3000);
}

// Changes, drops, doubles or swaps a few pieces.
std::string Mutate(std::string json, std::mt19937& random) {
  constexpr std::string_view kBytes = "{}[],:\"'\\0123456789.eE+-aNntfu_ \n\x01\xff";
  for (unsigned n = 1 + random() % 3; n > 0 && !json.empty(); --n) {
    const std::size_t at = random() % json.size();
    const std::size_t size = 1 + random() % 12;
    switch (random() % 5) {
      case 0:
        json[at] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        json.erase(at, 1 + random() % 3);
        break;
      case 2:
        json.insert(at, json.substr(random() % json.size(), size));
        break;
      case 3:
        json.replace(at, size, json.substr(random() % json.size(), size));
        break;
      default:
        json.insert(at, 1, kBytes[random() % kBytes.size()]);
    }
  }
  return json;
}

TEST(JsonToWireRandom, AgreesOnDamagedTexts) {
  int read = 0;
  for (unsigned seed = 0; seed < 40000; ++seed) {
    RandomJson texts(seed % 4000, 2000);
    std::mt19937 random(seed);
    const std::string json = Mutate(texts.Message(*codec::Everything::descriptor(), 2), random);
    read += Read({.type = kEverything, .json = json, .unknown = ModeOf(seed / 3)});
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(read, 1000) << "the mutations are too wild to test anything";
}

}  // namespace
}  // namespace puente
