#include "transcoder/stream_framing.h"

namespace puente {
namespace {

class JsonArrayFraming final : public StreamFraming {
 public:
  std::string_view content_type() const override { return "application/json"; }

  void AppendMessage(std::string_view json, std::string& out) override {
    out.push_back(empty_ ? '[' : ',');
    out.append(json);
    empty_ = false;
  }

  void AppendEnd(std::string& out) override { out.append(empty_ ? "[]" : "]"); }

 private:
  bool empty_ = true;
};

}  // namespace

std::unique_ptr<StreamFraming> MakeJsonArrayFraming() {
  return std::make_unique<JsonArrayFraming>();
}

}  // namespace puente
