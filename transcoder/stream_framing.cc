#include "transcoder/stream_framing.h"

#include <cassert>

namespace puente {
namespace {

[[maybe_unused]] bool IsOneLine(std::string_view json) {
  return json.find_first_of("\r\n") == std::string_view::npos;
}

class TypedFraming : public StreamFraming {
 public:
  explicit TypedFraming(std::string_view content_type) : content_type_(content_type) {}

  std::string_view content_type() const final { return content_type_; }

 private:
  const std::string_view content_type_;
};

class JsonArrayFraming final : public TypedFraming {
 public:
  using TypedFraming::TypedFraming;

  void AppendMessage(std::string_view json, std::string& out) override {
    out.push_back(empty_ ? '[' : ',');
    out.append(json);
    empty_ = false;
  }

  void AppendEnd(std::string& out) override { out.append(empty_ ? "[]" : "]"); }

  bool AppendError(std::string_view, std::string&) override { return false; }

  std::string_view heartbeat() const override { return {}; }

 private:
  bool empty_ = true;
};

class NdjsonFraming final : public TypedFraming {
 public:
  using TypedFraming::TypedFraming;

  void AppendMessage(std::string_view json, std::string& out) override {
    assert(IsOneLine(json));
    out.append(json).push_back('\n');
  }

  void AppendEnd(std::string&) override {}

  bool AppendError(std::string_view error_json, std::string& out) override {
    assert(IsOneLine(error_json));
    out.append(R"({"error":)").append(error_json).append("}\n");
    return true;
  }

  std::string_view heartbeat() const override { return {}; }
};

class ServerSentEventsFraming final : public TypedFraming {
 public:
  using TypedFraming::TypedFraming;

  void AppendMessage(std::string_view json, std::string& out) override {
    assert(IsOneLine(json));
    out.append("data: ").append(json).append("\n\n");
  }

  void AppendEnd(std::string&) override {}

  bool AppendError(std::string_view error_json, std::string& out) override {
    out.append("event: error\n");
    AppendMessage(error_json, out);
    return true;
  }

  std::string_view heartbeat() const override { return ":\n\n"; }
};

}  // namespace

std::unique_ptr<StreamFraming> MakeStreamFraming(const StreamChoice& choice) {
  switch (choice.format) {
    case StreamFormat::kNdjson:
      return std::make_unique<NdjsonFraming>(choice.content_type);
    case StreamFormat::kServerSentEvents:
      return std::make_unique<ServerSentEventsFraming>(choice.content_type);
    case StreamFormat::kJsonArray:
      break;
  }
  return std::make_unique<JsonArrayFraming>(choice.content_type);
}

}  // namespace puente
