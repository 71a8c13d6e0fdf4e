// Messages with random content.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "codec_types.pb.h"

namespace puente::testing {

// Fills messages with values that JSON can carry. The same seed gives the same messages.
class RandomMessages {
 public:
  using Message = google::protobuf::Message;

  explicit RandomMessages(unsigned seed) : random_(seed) {}

  void Fill(Message& message, int depth) {
    const Descriptor& type = *message.GetDescriptor();
    if (type.full_name().starts_with("google.protobuf.") && FillWellKnown(message, depth)) return;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (Below(4) != 0 || field.type() == FieldDescriptor::TYPE_GROUP) continue;
      if (field.is_map()) {
        FillMap(message, field, depth);
      } else if (field.is_repeated()) {
        for (int n = Below(4); n > 0; --n) Set(message, field, depth);
      } else {
        Set(message, field, depth);
      }
    }
  }

 private:
  using Descriptor = google::protobuf::Descriptor;
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using Reflection = google::protobuf::Reflection;

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::uint64_t Bits() {
    switch (Below(4)) {
      case 0:
        return static_cast<std::uint64_t>(Below(3));
      case 1:
        return ~std::uint64_t{0} - static_cast<std::uint64_t>(Below(3));
      case 2:
        return std::uint64_t{1} << Below(64);
      default:
        return std::uint64_t{random_()} << 32 | random_();
    }
  }

  std::string Text() {
    static const std::vector<std::string> pieces = {"a",
                                                    "Z",
                                                    "\"",
                                                    "\\",
                                                    "\n",
                                                    std::string(1, '\0'),
                                                    "\x7f",
                                                    "<",
                                                    "\xC3\xA9",
                                                    "\xE2\x80\xA8",
                                                    "\xF0\x9F\x98\x80",
                                                    "/",
                                                    "'",
                                                    "\x01"};
    std::string text;
    for (int n = Below(6); n > 0; --n) {
      text += pieces[static_cast<std::size_t>(Below(static_cast<int>(pieces.size())))];
    }
    return text;
  }

  std::string Bytes() {
    std::string bytes;
    for (int n = Below(8); n > 0; --n) bytes.push_back(static_cast<char>(random_()));
    return bytes;
  }

  double Real() {
    static const std::vector<double> values = {0,       1,    -1.5,   0.1,  1e300,
                                               1.5e-30, 2e15, 123456, -7e-7};
    return values[static_cast<std::size_t>(Below(static_cast<int>(values.size())))];
  }

  bool FillWellKnown(Message& message, int depth) {
    const std::string& name = message.GetDescriptor()->full_name();
    const Reflection& reflection = *message.GetReflection();
    const auto field = [&](int number) {
      return message.GetDescriptor()->FindFieldByNumber(number);
    };
    if (name == "google.protobuf.Timestamp") {
      reflection.SetInt64(&message, field(1), -62135596800 + Below(2000000000) * std::int64_t{100});
      reflection.SetInt32(&message, field(2), Nanos());
    } else if (name == "google.protobuf.Duration") {
      const bool negative = Below(2) == 0;
      reflection.SetInt64(&message, field(1), Below(2000000000) * (negative ? -1 : 1));
      reflection.SetInt32(&message, field(2), Nanos() * (negative ? -1 : 1));
    } else if (name == "google.protobuf.FieldMask") {
      for (int n = Below(3); n > 0; --n) reflection.AddString(&message, field(1), "foo_bar.b");
    } else if (name == "google.protobuf.Value") {
      FillValue(message, depth);
    } else if (name == "google.protobuf.Any") {
      FillAny(message, depth);
    } else if (name == "google.protobuf.Struct" || name == "google.protobuf.ListValue") {
      if (depth > 0 && name == "google.protobuf.Struct") FillMap(message, *field(1), depth);
      if (depth > 0 && name == "google.protobuf.ListValue") Set(message, *field(1), depth);
    } else {
      return false;
    }
    return true;
  }

  std::int32_t Nanos() {
    const std::int32_t units[] = {0, 5000000, 123456000, 999999999, 1};
    return units[Below(5)];
  }

  void FillValue(Message& message, int depth) {
    const int kinds = depth > 0 ? 6 : 4;
    const FieldDescriptor& field = *message.GetDescriptor()->FindFieldByNumber(1 + Below(kinds));
    Set(message, field, depth);
  }

  void FillAny(Message& message, int depth) {
    codec::Inner inner;
    if (depth > 0) Fill(inner, depth - 1);
    const Descriptor& type = *message.GetDescriptor();
    const Reflection& reflection = *message.GetReflection();
    const std::string url = "type.googleapis.com/" + inner.GetTypeName();
    reflection.SetString(&message, type.FindFieldByNumber(1), url);
    reflection.SetString(&message, type.FindFieldByNumber(2), inner.SerializeAsString());
  }

  void FillMap(Message& message, const FieldDescriptor& field, int depth) {
    const Reflection& reflection = *message.GetReflection();
    Message& entry = *reflection.AddMessage(&message, &field);
    Set(entry, *field.message_type()->map_key(), depth);
    Set(entry, *field.message_type()->map_value(), depth);
  }

  // Sets a singular field, adds to a repeated one.
  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const Reflection& r = *message.GetReflection();
    const bool add = field.is_repeated();
    const std::uint64_t bits = Bits();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        add ? r.AddInt32(&message, &field, static_cast<std::int32_t>(bits))
            : r.SetInt32(&message, &field, static_cast<std::int32_t>(bits));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        add ? r.AddUInt32(&message, &field, static_cast<std::uint32_t>(bits))
            : r.SetUInt32(&message, &field, static_cast<std::uint32_t>(bits));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        add ? r.AddInt64(&message, &field, static_cast<std::int64_t>(bits))
            : r.SetInt64(&message, &field, static_cast<std::int64_t>(bits));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        add ? r.AddUInt64(&message, &field, bits) : r.SetUInt64(&message, &field, bits);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        add ? r.AddDouble(&message, &field, Real()) : r.SetDouble(&message, &field, Real());
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        add ? r.AddFloat(&message, &field, static_cast<float>(bits))
            : r.SetFloat(&message, &field, static_cast<float>(bits));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        add ? r.AddBool(&message, &field, bits & 1) : r.SetBool(&message, &field, bits & 1);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value = field.enum_type()->value(Below(field.enum_type()->value_count()));
        add ? r.AddEnum(&message, &field, value) : r.SetEnum(&message, &field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        const bool is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
        std::string text = is_bytes ? Bytes() : Text();
        add ? r.AddString(&message, &field, text) : r.SetString(&message, &field, text);
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        Message* sub = add ? r.AddMessage(&message, &field) : r.MutableMessage(&message, &field);
        const bool always = field.message_type()->full_name() == "google.protobuf.Value" ||
                            field.message_type()->full_name() == "google.protobuf.Any";
        if (depth > 0 || always) Fill(*sub, depth - 1);
        break;
      }
    }
  }

  std::mt19937 random_;
};

}  // namespace puente::testing
