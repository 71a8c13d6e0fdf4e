#include "transcoder/update_mask.h"

#include <algorithm>
#include <utility>

#include "transcoder/well_known.h"

namespace puente {

using google::protobuf::FieldDescriptor;

namespace {

bool IsSingularMessage(const FieldDescriptor& field, WellKnown kind) {
  return field.type() == FieldDescriptor::TYPE_MESSAGE && !field.is_repeated() &&
         KindOf(*field.message_type()) == kind;
}

bool IsBoundByPath(const Route& route, const FieldDescriptor* field) {
  return std::ranges::any_of(route.variables,
                             [&](const FieldPath& path) { return path.front() == field; });
}

}  // namespace

const FieldDescriptor* FindUpdateMask(const Route& route) {
  const bool is_patch_of_a_field =
      route.http_method == "PATCH" && route.body == Route::Body::kField &&
      !route.request_is_http_body && IsSingularMessage(*route.body_field, WellKnown::kNone);
  if (!is_patch_of_a_field) return nullptr;
  const FieldDescriptor* mask = route.method->input_type()->FindFieldByName("update_mask");
  const bool can_be_filled = mask != nullptr && IsSingularMessage(*mask, WellKnown::kFieldMask) &&
                             mask->real_containing_oneof() == nullptr &&
                             !IsBoundByPath(route, mask);
  return can_be_filled ? mask : nullptr;
}

void MaskCollector::Enter(const FieldDescriptor& field) {
  if (below_leaf_ > 0) {
    ++below_leaf_;
    return;
  }
  if (!open_.empty()) open_.back().has_keys = true;
  open_.push_back({path_.size(), false});
  if (!path_.empty()) path_ += '.';
  path_ += field.name();
  if (!IsSingularMessage(field, WellKnown::kNone)) below_leaf_ = 1;
}

void MaskCollector::Leave() {
  if (below_leaf_ > 1) {
    --below_leaf_;
    return;
  }
  below_leaf_ = 0;
  const Open open = open_.back();
  open_.pop_back();
  if (!open.has_keys) Add(path_);
  path_.resize(open.length);
}

void MaskCollector::NoteUnknown() {
  if (below_leaf_ == 0 && !open_.empty()) open_.back().has_keys = true;
}

void MaskCollector::Drop() {
  if (below_leaf_ == 1) open_.back().has_keys = true;
}

void MaskCollector::AddPath(const FieldPath& path) {
  std::string text = ToString(path);
  if (seen_.insert(text).second) Add(std::move(text));
}

void MaskCollector::Add(std::string path) {
  if (is_too_large()) return;
  bytes_ += path.size();
  paths_.push_back(std::move(path));
}

void MaskCollector::AppendTo(const FieldDescriptor& mask, WireWriter& out) const {
  if (paths_.empty()) return;
  out.Open(mask.number());
  for (const std::string& path : paths_) out.Bytes(1, path);
  out.Close();
}

}  // namespace puente
