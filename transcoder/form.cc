#include "transcoder/form.h"

#include <utility>

#include "transcoder/parameter_binder.h"
#include "transcoder/uri.h"

namespace puente {

Result<std::vector<BoundParameter>> BindForm(const Route& route, const BoundTarget& target,
                                             std::string_view form, const CodecOptions& options,
                                             DroppedInput& dropped) {
  static const ParameterBinder::Source kForm = {
      .singular = "form field", .plural = "form fields", .resolve = ResolveFormField};
  if (auto sound = CheckEscapes(form, "form"); !sound) return tl::unexpected(sound.error());
  ParameterBinder binder(kForm, route, options, dropped);
  for (const FieldPath& path : route.variables) binder.Occupy(path);
  for (const BoundField& field : target.query) binder.Occupy(field.path);
  return std::move(binder).Bind(form);
}

}  // namespace puente
