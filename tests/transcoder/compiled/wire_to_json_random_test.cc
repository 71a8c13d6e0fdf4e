// WireToJson against ParseMessage and JsonPrinter, on random bytes.
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/testdata/compile_protos.h"
#include "tests/transcoder/codec_fixture.h"
#include "tests/transcoder/compiled/two_printers.h"
#include "tests/transcoder/compiled/wire_records.h"
#include "tests/transcoder/random_messages.h"

namespace puente {
namespace {

using testing::Disorder;
using testing::RandomMessages;
using testing::TwoPrinters;

constexpr char kEverything[] = "puente.codec.Everything";
constexpr char kLegacy[] = "puente.codec.Legacy";

const std::vector<CodecOptions>& OptionSets() {
  static const std::vector<CodecOptions> sets = {
      {},
      {.always_print_fields_with_no_presence = true},
      {.preserve_proto_field_names = true, .print_enums_as_ints = true, .int64_as_number = true},
      {.max_json_depth = 4},
  };
  return sets;
}

template <class Message>
std::string RandomWire(unsigned seed, int depth) {
  Message message;
  RandomMessages(seed).Fill(message, depth);
  return message.SerializePartialAsString();
}

std::string RandomWireOf(const std::string& type, unsigned seed) {
  return type == kLegacy ? RandomWire<codec::Legacy>(seed, 2)
                         : RandomWire<codec::Everything>(seed, 3);
}

TEST(WireToJsonRandom, PlainMessagesAreNeverGivenUp) {
  for (const CodecOptions& options : OptionSets()) {
    const TwoPrinters printers(testing::CodecDescriptors(), options);
    for (unsigned seed = 0; seed < 1000; ++seed) {
      for (const std::string type : {kEverything, kLegacy}) {
        const std::string wire = RandomWireOf(type, seed);
        if (printers.Slow(type, wire)) printers.ExpectSame(type, wire);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
      }
    }
  }
}

TEST(WireToJsonRandom, AnyFieldMayBeTheWholeAnswer) {
  const TwoPrinters printers(testing::CodecDescriptors());
  for (unsigned seed = 0; seed < 300; ++seed) {
    const std::string wire = RandomWire<codec::Everything>(seed, 2);
    const auto& type = *codec::Everything::descriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      printers.ExpectSame(kEverything, wire, type.field(i)->name());
    }
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

// How often WireToJson says yes to bytes that `change` made of random messages.
template <class Change>
int CountAgreed(int rounds, Change change) {
  const google::protobuf::LogSilencer silencer;
  int agreed = 0;
  for (const CodecOptions& options : OptionSets()) {
    const TwoPrinters printers(testing::CodecDescriptors(), options);
    for (int round = 0; round < rounds && !::testing::Test::HasFailure(); ++round) {
      const auto seed = static_cast<unsigned>(round);
      for (const std::string type : {kEverything, kLegacy}) {
        const std::string wire = change(RandomWireOf(type, seed % 500), seed);
        agreed += printers.Agree(type, wire);
        if (type == kEverything) printers.Agree(type, wire, seed % 2 != 0 ? "inner" : "int32s");
      }
    }
  }
  return agreed;
}

TEST(WireToJsonRandom, OutOfOrder) {
  constexpr int kRounds = 2000;
  const int agreed = CountAgreed(
      kRounds, [](const std::string& wire, unsigned seed) { return Disorder(seed).Of(wire); });
  EXPECT_GT(agreed, kRounds) << "too wild to test anything";
}

TEST(WireToJsonRandom, BrokenBytes) {
  constexpr int kRounds = 3000;
  const int agreed = CountAgreed(kRounds, [](const std::string& wire, unsigned seed) {
    std::mt19937 random(seed);
    return testing::MutateBytes(wire, random);
  });
  EXPECT_GT(agreed, kRounds / 2) << "too wild to test anything";
}

TEST(WireToJsonRandom, CutAtEveryByte) {
  const google::protobuf::LogSilencer silencer;
  const TwoPrinters printers(testing::CodecDescriptors());
  for (unsigned seed = 0; seed < 40; ++seed) {
    const std::string wire = RandomWire<codec::Everything>(seed, 3);
    for (std::size_t size = 0; size <= wire.size(); ++size) {
      printers.Agree(kEverything, wire.substr(0, size));
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " cut to " << size;
    }
  }
}

}  // namespace
}  // namespace puente
