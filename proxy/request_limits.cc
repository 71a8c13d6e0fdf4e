#include "proxy/request_limits.h"

namespace puente {

RequestLimits RequestLimitsOf(const config::Config& config) {
  RequestLimits limits;
  limits.max_header_bytes = config.limits().max_header_bytes();
  limits.max_headers = config.limits().max_headers();
  limits.max_body_bytes = config.limits().max_request_body_bytes();
  if (config.headers_with_underscores() == config::HEADERS_WITH_UNDERSCORES_ALLOW) {
    limits.underscores = UnderscoreHeaders::kAllow;
  } else if (config.headers_with_underscores() == config::HEADERS_WITH_UNDERSCORES_REJECT) {
    limits.underscores = UnderscoreHeaders::kReject;
  }
  return limits;
}

}  // namespace puente
