#include "examples/services/paging.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace puente::examples {
namespace {

constexpr std::string_view kPrefix = "after-";

bool ReadToken(std::string_view token, std::uint64_t& after) {
  if (!token.starts_with(kPrefix)) return false;
  token.remove_prefix(kPrefix.size());
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), after);
  return error == std::errc() && end == token.data() + token.size();
}

}  // namespace

grpc::Status ReadPage(int page_size, const std::string& page_token, Page& page) {
  std::vector<FieldViolation> violations;
  if (page_size < 0) violations.push_back({"page_size", "must not be negative"});
  if (!page_token.empty() && !ReadToken(page_token, page.after)) {
    violations.push_back({"page_token", "is not one that this service gave"});
  }
  page.size = page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize);
  return InvalidArgument(violations);
}

std::string PageToken(std::uint64_t last) { return fmt::format("{}{}", kPrefix, last); }

}  // namespace puente::examples
