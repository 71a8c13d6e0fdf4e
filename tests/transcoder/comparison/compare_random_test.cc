// Random messages, printed in the two ways that differ most.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/transcoder/codec_fixture.h"
#include "tests/transcoder/comparison/comparison_text.h"
#include "tests/transcoder/random_messages.h"
#include "transcoder/comparison/found_differences.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using testing::CompareBodies;
using testing::ToText;

constexpr unsigned kMessages = 600;

const google::protobuf::Descriptor* Type() {
  return testing::CodecDescriptors()->pool().FindMessageTypeByName("puente.codec.Everything");
}

codec::Everything RandomMessage(unsigned seed) {
  codec::Everything message;
  testing::RandomMessages(seed).Fill(message, 3);
  return message;
}

// Sets a scalar to something else than it is. False: `field` is none.
bool Change(Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated() || field.real_containing_oneof() != nullptr) return false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      reflection->SetInt32(&message, &field, reflection->GetInt32(message, &field) ^ 1);
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->SetInt64(&message, &field, reflection->GetInt64(message, &field) ^ 1);
      return true;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection->SetUInt32(&message, &field, reflection->GetUInt32(message, &field) ^ 1);
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection->SetUInt64(&message, &field, reflection->GetUInt64(message, &field) ^ 1);
      return true;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(&message, &field, !reflection->GetBool(message, &field));
      return true;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&message, &field, reflection->GetString(message, &field) + "x");
      return true;
    default:
      return false;
  }
}

class CompareRandom : public ::testing::Test {
 protected:
  const testing::RouteUnderTest terse_{{}, {.int64_as_number = true}};
  const testing::RouteUnderTest verbose_{{},
                                         {.always_print_fields_with_no_presence = true,
                                          .preserve_proto_field_names = true,
                                          .print_enums_as_ints = true}};

  std::string Terse(const Message& message) const {
    return terse_.Decode(message.SerializeAsString());
  }
  std::string Verbose(const Message& message) const {
    return verbose_.Decode(message.SerializeAsString());
  }
};

TEST_F(CompareRandom, OneMessageIsItself) {
  for (unsigned seed = 0; seed < kMessages; ++seed) {
    const codec::Everything message = RandomMessage(seed);
    const std::string terse = Terse(message), verbose = Verbose(message);
    ASSERT_EQ(ToText(CompareBodies(terse, verbose, Type())), "") << "seed " << seed << "\n"
                                                                 << terse << "\n"
                                                                 << verbose;
  }
}

TEST_F(CompareRandom, OneChangeIsFound) {
  for (unsigned seed = 0; seed < kMessages / 20; ++seed) {
    const codec::Everything message = RandomMessage(seed);
    const std::string verbose = Verbose(message);
    for (int i = 0; i < Type()->field_count(); ++i) {
      codec::Everything changed = message;
      const FieldDescriptor& field = *changed.GetDescriptor()->field(i);
      if (!Change(changed, field)) continue;
      const auto comparison = CompareBodies(verbose, Terse(changed), Type());
      ASSERT_TRUE(comparison);
      // "optional" zero is as good as nothing.
      if (comparison->empty() && field.has_presence()) continue;
      ASSERT_EQ(comparison->size(), 1u) << "seed " << seed << ", " << field.name();
      ASSERT_EQ(comparison->front().path, field.json_name()) << seed;
    }
  }
}

TEST_F(CompareRandom, ChangesOfSidesOnlyChangeTheKind) {
  const auto swapped = [](Comparison comparison) {
    for (Difference& difference : comparison.value()) {
      if (difference.kind == DifferenceKind::kMissing) {
        difference.kind = DifferenceKind::kExtra;
      } else if (difference.kind == DifferenceKind::kExtra) {
        difference.kind = DifferenceKind::kMissing;
      }
    }
    std::ranges::sort(*comparison);
    return comparison;
  };
  for (unsigned seed = 0; seed < kMessages; seed += 2) {
    const std::string one = Terse(RandomMessage(seed)), other = Terse(RandomMessage(seed + 1));
    const auto there = CompareBodies(one, other, Type());
    ASSERT_TRUE(there);
    if (there->size() == FoundDifferences::kMost) continue;
    ASSERT_EQ(ToText(there), ToText(swapped(CompareBodies(other, one, Type())))) << seed;
  }
}

// Whatever an upstream sends.
TEST_F(CompareRandom, SurvivesWhatIsBroken) {
  constexpr int kMutations = 20000;
  std::mt19937 random(1);
  const std::string whole = Verbose(RandomMessage(7));
  const std::string pieces = R"({}[]",:0-e.\null/@=)";
  for (int i = 0; i < kMutations; ++i) {
    std::string broken = whole.substr(0, 2000);
    for (int n = 0; n < 1 + i % 4; ++n) {
      broken[random() % broken.size()] = pieces[random() % pieces.size()];
    }
    const auto plain = CompareBodies(broken, broken, {});
    const auto typed = CompareBodies(broken, broken, Type());
    ASSERT_TRUE(!plain || plain->empty()) << broken;
    ASSERT_TRUE(!typed || typed->empty()) << broken;
    ASSERT_TRUE(plain || !typed) << broken;
  }
}

}  // namespace
}  // namespace puente
