// The two ways to read JSON into wire bytes, each the other's oracle.
#pragma once

#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "transcoder/bound_fields.h"
#include "transcoder/compiled/json_to_wire.h"
#include "transcoder/field_names.h"
#include "transcoder/field_path.h"
#include "transcoder/json_reader.h"
#include "transcoder/update_mask.h"

namespace puente::testing {

// What is read, and how.
struct ReaderInput {
  std::string_view type;  // full name
  std::string_view json;
  std::string_view field = {};          // that the text is the value of; the whole message
  std::vector<std::string> bound = {};  // paths in the message
  UnknownInput unknown = UnknownInput::kReject;
  int max_depth = 100;
};

struct ReaderOutcome {
  bool read = false;
  std::string wire;
  std::size_t dropped = 0;
  std::string mask;  // as a field of its own

  bool operator==(const ReaderOutcome&) const = default;
};

class TwoReaders {
 public:
  explicit TwoReaders(std::shared_ptr<const DescriptorSet> set)
      : set_(std::move(set)), tables_(*set_, options_), names_(*set_), factory_(&set_->pool()) {}

  ReaderOutcome Fast(const ReaderInput& input) const {
    // A place of its own, around which nothing may be read.
    const std::unique_ptr<char[]> bytes(new char[input.json.size()]);
    const std::string_view json(bytes.get(), input.json.copy(bytes.get(), input.json.size()));
    return Run(input, [&](WireWriter& out, DroppedInput& dropped, MaskCollector& mask,
                          const BoundFields* bound) {
      const MessageTable& message = *tables_.Find(input.type);
      JsonToWire reader(json, tables_, {input.unknown, input.max_depth}, out, dropped, &mask);
      return input.field.empty() ? reader.ReadAsMessage(message, bound)
                                 : reader.ReadAsField(*message.FindByName(input.field), bound);
    });
  }

  ReaderOutcome Slow(const ReaderInput& input) const {
    return Run(input, [&](WireWriter& out, DroppedInput& dropped, MaskCollector& mask,
                          const BoundFields* bound) {
      JsonReader reader(input.json, set_->pool(), names_, {input.unknown, input.max_depth}, out,
                        dropped, &mask);
      const auto read = input.field.empty()
                            ? reader.ReadAsMessage(Type(input), bound)
                            : reader.ReadAsField(*FindField(Type(input), input.field), bound);
      return read.has_value();
    });
  }

  // Whether JsonToWire says yes; then JsonReader must say the same, and protobuf take it.
  bool Agree(const ReaderInput& input) const {
    const ReaderOutcome fast = Fast(input);
    if (!fast.read) return false;
    const ReaderOutcome slow = Slow(input);
    EXPECT_TRUE(slow.read) << "only JsonToWire reads " << Describe(input);
    EXPECT_TRUE(fast == slow) << "they differ in what they make of " << Describe(input);
    EXPECT_TRUE(Parses(input, fast.wire)) << Describe(input);
    return true;
  }

  // Both must say the same, whatever it is. Whether they say yes.
  bool SayTheSame(const ReaderInput& input) const {
    if (Agree(input)) return true;
    EXPECT_FALSE(Slow(input).read) << "JsonToWire gives up " << Describe(input);
    return false;
  }

  const DescriptorSet& set() const { return *set_; }

 private:
  using Descriptor = google::protobuf::Descriptor;

  static std::string Describe(const ReaderInput& input) {
    return std::string(input.type) + " " + std::string(input.field) + "\n" +
           std::string(input.json.substr(0, 3000)) + "\n";
  }

  const Descriptor& Type(const ReaderInput& input) const {
    return *set_->pool().FindMessageTypeByName(std::string(input.type));
  }

  template <class Read>
  ReaderOutcome Run(const ReaderInput& input, Read read) const {
    std::vector<FieldPath> paths;
    for (const std::string& path : input.bound) {
      paths.push_back(ResolveFieldPath(Type(input), path).value());
    }
    const BoundFields bound(paths);
    WireWriter out;
    DroppedInput dropped;
    MaskCollector mask;
    ReaderOutcome outcome;
    outcome.read = read(out, dropped, mask, input.bound.empty() ? nullptr : &bound);
    if (!outcome.read) return outcome;
    outcome.wire = std::move(out).Finish();
    outcome.dropped = dropped.in_body;
    WireWriter paths_of_mask;
    mask.AppendTo(*Type(input).field(0), paths_of_mask);
    outcome.mask = std::move(paths_of_mask).Finish();
    return outcome;
  }

  // Of a message that lacks what proto2 requires, too.
  bool Parses(const ReaderInput& input, const std::string& wire) const {
    const std::unique_ptr<google::protobuf::Message> message(
        factory_.GetPrototype(&Type(input))->New());
    return message->ParsePartialFromString(wire);
  }

  std::shared_ptr<const DescriptorSet> set_;
  const CodecOptions options_;
  const MessageTables tables_;
  const FieldNames names_;
  mutable google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace puente::testing
