// Both readers over the messages of tests/testdata/codec_*.proto.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/transcoder/codec_fixture.h"
#include "tests/transcoder/compiled/two_readers.h"

namespace puente::testing {

inline constexpr std::string_view kEverything = "puente.codec.Everything";
inline constexpr std::string_view kLegacy = "puente.codec.Legacy";

inline const TwoReaders& Readers() {
  static const TwoReaders readers(CodecDescriptors());
  return readers;
}

// Both readers say the same of all texts, whatever happens to unknown fields.
inline void ExpectSame(std::string_view type, const std::vector<std::string>& texts, bool good) {
  for (const std::string& json : texts) {
    for (const UnknownInput unknown :
         {UnknownInput::kReject, UnknownInput::kIgnore, UnknownInput::kWarn}) {
      const ReaderInput input{.type = type, .json = json, .unknown = unknown};
      EXPECT_EQ(Readers().SayTheSame(input), good) << json;
    }
  }
}
inline void ExpectRead(std::string_view type, const std::vector<std::string>& texts) {
  ExpectSame(type, texts, true);
}
inline void ExpectRefused(std::string_view type, const std::vector<std::string>& texts) {
  ExpectSame(type, texts, false);
}

}  // namespace puente::testing
