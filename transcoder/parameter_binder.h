// Binds the pieces of a query or of a form (application/x-www-form-urlencoded): "a=1&b.c=2".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "transcoder/bound_parameter.h"
#include "transcoder/codec.h"
#include "transcoder/parameter_name.h"
#include "transcoder/route.h"
#include "transcoder/set_fields.h"

namespace puente {

// Used once, by one thread.
class ParameterBinder {
 public:
  // What is bound: how messages call it, how its names are resolved, which of them are left out.
  struct Source {
    std::string_view singular, plural;  // "query parameter", "query parameters"
    ResolvedName (*resolve)(const Route&, const ParameterName&);
    const std::vector<std::string>* ignored = nullptr;
  };

  // All of these must outlive the binder.
  ParameterBinder(const Source& source, const Route& route, const CodecOptions& options,
                  DroppedInput& dropped)
      : source_(source), route_(route), options_(options), dropped_(dropped) {}

  // `path` is set by something else, which counts when a parameter sets it again, or another member
  // of a oneof on it.
  void Occupy(const FieldPath& path) { (void)set_.Add(path, std::nullopt); }

  // Binds all of `text`. Refused (INVALID_ARGUMENT, naming the parameter): one that names nothing
  // that it may set, unless unknown ones are let pass (and counted in `dropped`); a singular field
  // or a map key given twice; two members of one oneof; a field that no text can set; more
  // parameters than options.max_query_parameters.
  Result<std::vector<BoundParameter>> Bind(std::string_view text) &&;

 private:
  Result<void> BindPiece(std::string_view piece);
  Result<void> Add(BoundParameter parameter);
  Result<void> Unknown(const std::string& origin, std::string_view why);
  std::string Origin(const std::string& name, const ParameterName& parsed) const;

  const Source& source_;
  const Route& route_;
  const CodecOptions& options_;
  DroppedInput& dropped_;
  SetFields set_;
  int count_ = 0;
  std::vector<BoundParameter> parameters_;
};

}  // namespace puente
