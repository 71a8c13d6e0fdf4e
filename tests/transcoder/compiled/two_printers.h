// The two ways to print wire bytes as JSON, each the other's oracle.
#pragma once

#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "descriptors/descriptor_set.h"
#include "transcoder/codec.h"
#include "transcoder/compiled/wire_to_json.h"
#include "transcoder/json_printer.h"

namespace puente::testing {

class TwoPrinters {
 public:
  explicit TwoPrinters(std::shared_ptr<const DescriptorSet> set, CodecOptions options = {})
      : set_(std::move(set)),
        options_(std::move(options)),
        tables_(*set_, options_),
        factory_(&set_->pool()) {}

  // WireToJson's; nullopt when it says no. `field` is empty for the whole message.
  std::optional<std::string> Fast(std::string_view type, std::string_view wire,
                                  std::string_view field = {}) const {
    // A place of its own, at whose end nothing may be read.
    const std::unique_ptr<char[]> bytes(new char[wire.size()]);
    const std::string_view copy(bytes.get(), wire.copy(bytes.get(), wire.size()));
    const MessageTable& message = *tables_.Find(type);
    std::string json = "before";
    WireToJson printer(tables_, options_, json);
    const bool printed = field.empty()
                             ? printer.Print(copy, message)
                             : printer.PrintField(copy, message, *message.FindByName(field));
    EXPECT_TRUE(json.starts_with("before"));
    if (printed) return json.substr(6);
    EXPECT_EQ(json, "before") << "something is left of what was given up";
    return std::nullopt;
  }

  // That of ParseMessage and JsonPrinter; nullopt when one of them refuses.
  std::optional<std::string> Slow(std::string_view type, std::string_view wire,
                                  std::string_view field = {}) const {
    const auto* descriptor = set_->pool().FindMessageTypeByName(std::string(type));
    const std::unique_ptr<google::protobuf::Message> message(
        factory_.GetPrototype(descriptor)->New());
    if (!ParseMessage(wire, options_.max_json_depth, *message)) return std::nullopt;
    std::string json;
    JsonPrinter printer(set_->pool(), factory_, options_, json, 0, AnyBudget(wire.size()));
    const bool printed =
        field.empty()
            ? printer.Print(*message).has_value()
            : printer.Print(*message, *descriptor->FindFieldByName(std::string(field))).has_value();
    return printed ? std::optional(json) : std::nullopt;
  }

  // Whether WireToJson says yes; then both must print the same.
  bool Agree(std::string_view type, std::string_view wire, std::string_view field = {}) const {
    const auto fast = Fast(type, wire, field);
    if (!fast) return false;
    const auto slow = Slow(type, wire, field);
    EXPECT_EQ(*fast, slow.value_or("refused")) << Describe(type, wire, field);
    return true;
  }

  // Both must say yes, and print the same.
  void ExpectSame(std::string_view type, std::string_view wire, std::string_view field = {}) const {
    const auto slow = Slow(type, wire, field);
    ASSERT_TRUE(slow) << Describe(type, wire, field);
    const auto fast = Fast(type, wire, field);
    ASSERT_TRUE(fast) << Describe(type, wire, field) << "is given up: " << *slow;
    EXPECT_EQ(*fast, *slow) << Describe(type, wire, field);
  }

  const DescriptorSet& set() const { return *set_; }
  google::protobuf::DynamicMessageFactory& factory() const { return factory_; }

 private:
  static std::string Describe(std::string_view type, std::string_view wire,
                              std::string_view field) {
    std::string text = std::string(type) + " " + std::string(field) + " ";
    for (const unsigned char byte : wire) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += {kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return text + " ";
  }

  std::shared_ptr<const DescriptorSet> set_;
  CodecOptions options_;
  MessageTables tables_;
  mutable google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace puente::testing
