#include "proxy/transcoding_options.h"

namespace puente {
namespace {

UnknownInput UnknownInputOf(config::Json::Unknown unknown) {
  switch (unknown) {
    case config::Json::UNKNOWN_WARN:
      return UnknownInput::kWarn;
    case config::Json::UNKNOWN_IGNORE:
      return UnknownInput::kIgnore;
    default:
      return UnknownInput::kReject;
  }
}

ErrorFormat ErrorFormatOf(config::Transcoding::ErrorFormat format) {
  switch (format) {
    case config::Transcoding::ERROR_FORMAT_AIP193:
      return ErrorFormat::kAip193;
    case config::Transcoding::ERROR_FORMAT_PROBLEM:
      return ErrorFormat::kProblem;
    default:
      return ErrorFormat::kStatus;
  }
}

AutoRoutes AutoRoutesOf(config::Transcoding::AutoRoutes auto_routes) {
  switch (auto_routes) {
    case config::Transcoding::AUTO_ROUTES_OFF:
      return AutoRoutes::kOff;
    case config::Transcoding::AUTO_ROUTES_REST:
      return AutoRoutes::kRest;
    default:
      return AutoRoutes::kRpc;
  }
}

}  // namespace

CodecOptions CodecOptionsOf(const config::Config& config) {
  const config::Transcoding& transcoding = config.transcoding();
  const config::Json& json = transcoding.json();
  CodecOptions options;
  options.always_print_fields_with_no_presence = json.always_print_fields_with_no_presence();
  options.preserve_proto_field_names = json.preserve_proto_field_names();
  options.print_enums_as_ints = json.print_enums_as_ints();
  options.int64_as_number = json.int64_as_number();
  options.unknown_fields = UnknownInputOf(json.unknown_fields());
  options.unknown_query = UnknownInputOf(json.unknown_query());
  options.ignored_query_parameters.assign(json.ignored_query_parameters().begin(),
                                          json.ignored_query_parameters().end());
  options.plus_is_space = transcoding.query_plus() == config::Transcoding::QUERY_PLUS_SPACE;
  options.max_json_depth = static_cast<int>(config.limits().max_json_depth());
  options.max_query_parameters = static_cast<int>(config.limits().max_query_parameters());
  return options;
}

ErrorBodyOptions ErrorBodyOptionsOf(const config::Config& config,
                                    const google::protobuf::DescriptorPool& pool) {
  return {.format = ErrorFormatOf(config.transcoding().error_format()),
          .pool = &pool,
          .max_depth = static_cast<int>(config.limits().max_json_depth())};
}

RouteOptions RouteOptionsOf(const config::Transcoding& transcoding) {
  RouteOptions options;
  options.services.assign(transcoding.services().begin(), transcoding.services().end());
  options.auto_routes = AutoRoutesOf(transcoding.auto_routes());
  options.preserve_proto_field_names = transcoding.json().preserve_proto_field_names();
  return options;
}

}  // namespace puente
