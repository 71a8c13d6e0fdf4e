#include "proxy/telemetry/redaction.h"

#include <algorithm>
#include <optional>
#include <span>

#include "config/ascii.h"
#include "config/defaults.h"
#include "transcoder/http_message.h"
#include "transcoder/uri.h"

namespace puente {
namespace {

using SegmentKind = PathTemplate::SegmentKind;

// Those of OpenTelemetry's semantic conventions for url.query, and what else is a credential by its
// name.
constexpr std::string_view kAlwaysHidden[] = {
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
    "access_token",
    "api-key",
    "api_key",
    "assertion",
    "auth",
    "authorization",
    "client_secret",
    "code",
    "credentials",
    "id_token",
    "jwt",
    "key",
    "passwd",
    "password",
    "refresh_token",
    "secret",
    "session",
    "sessionid",
    "token",
};

// Names that are the same in JSON and in a .proto are the same folded.
std::string Fold(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (c != '_') folded += ToLowerAscii(c);
  }
  return folded;
}

template <class Names>
std::vector<std::string> FoldAll(const Names& names) {
  std::vector<std::string> folded;
  for (const auto& name : names) folded.push_back(Fold(name));
  return folded;
}

// Whether `name`, or a field that it is a part of, is one of the folded names.
bool IsListed(std::span<const std::string> folded_names, std::string_view name) {
  const std::string folded = Fold(name);
  return std::ranges::any_of(folded_names, [&](const std::string& listed) {
    if (!folded.starts_with(listed)) return false;
    return folded.size() == listed.size() || folded[listed.size()] == '.' ||
           folded[listed.size()] == '[';
  });
}

// A path beside the template that it matches.
class MatchedPath {
 public:
  // nullopt when it does not match.
  static std::optional<MatchedPath> Of(std::string_view path, const PathTemplate& matched) {
    MatchedPath match(matched);
    if (match.Fits(path)) return match;
    // transcoding.trailing_slash: IGNORE.
    if (path.ends_with('/') && match.Fits(path.substr(0, path.size() - 1))) return match;
    return std::nullopt;
  }

  // Where the slash stands before a segment of the template; of one more than there are, where the
  // last ends.
  std::size_t SlashBefore(std::size_t segment) const {
    const std::size_t segments = template_.segments.size();
    const std::size_t at = segment <= multi_ ? segment : slashes_.size() - (segments - segment);
    return at < slashes_.size() ? slashes_[at] : end_;
  }

 private:
  explicit MatchedPath(const PathTemplate& matched) : template_(matched) {
    const auto multi =
        std::ranges::find(matched.segments, SegmentKind::kMulti, &PathTemplate::Segment::kind);
    multi_ = static_cast<std::size_t>(multi - matched.segments.begin());
  }

  bool Fits(std::string_view path) {
    if (!CutVerb(path)) return false;
    end_ = path.size();
    slashes_.clear();
    if (path != "/") {
      for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '/') slashes_.push_back(at);
      }
    }
    const std::size_t segments = template_.segments.size();
    const bool has_multi = multi_ < segments;
    if (has_multi ? slashes_.size() + 1 < segments : slashes_.size() != segments) return false;
    for (std::size_t i = 0; i < segments; ++i) {
      if (!FitsLiteral(path, i)) return false;
    }
    return true;
  }

  bool CutVerb(std::string_view& path) const {
    if (template_.verb.empty()) return true;
    for (std::size_t colon = path.rfind(':'); colon != path.npos;
         colon = colon == 0 ? path.npos : path.rfind(':', colon - 1)) {
      if (PercentDecode(path.substr(colon + 1)) != template_.verb) continue;
      path = path.substr(0, colon);
      return true;
    }
    return false;
  }

  bool FitsLiteral(std::string_view path, std::size_t segment) const {
    if (template_.segments[segment].kind != SegmentKind::kLiteral) return true;
    const std::size_t begin = SlashBefore(segment) + 1;
    return PercentDecode(path.substr(begin, SlashBefore(segment + 1) - begin)) ==
           template_.segments[segment].literal;
  }

  const PathTemplate& template_;
  std::size_t multi_;  // the segment that is "**"; without one, their number
  std::vector<std::size_t> slashes_;
  std::size_t end_ = 0;  // of what the segments match
};

}  // namespace

Redaction::Redaction(const config::AccessLog& config)
    : headers_(config.redact_headers().begin(), config.redact_headers().end()),
      query_(FoldAll(kAlwaysHidden)),
      path_variables_(FoldAll(config.redact_path_variables())) {
  std::ranges::move(FoldAll(config.redact_query()), std::back_inserter(query_));
  hidden_ids_ = {
      .request_id = HidesHeader("x-request-id"),
      .trace_id = HidesHeader("traceparent") || HidesHeader("b3") || HidesHeader("x-b3-traceid")};
}

Redaction Redaction::For(const config::Telemetry& telemetry) {
  if (telemetry.has_access_log()) return Redaction(telemetry.access_log());
  config::AccessLog defaults;
  ApplyDefaults(defaults);
  return Redaction(defaults);
}

bool Redaction::HidesHeader(std::string_view name) const {
  return std::ranges::any_of(
      headers_, [name](const std::string& hidden) { return EqualsIgnoreCase(hidden, name); });
}

std::string Redaction::Query(std::string_view raw_query) const {
  std::string query;
  for (std::size_t begin = 0; begin <= raw_query.size();) {
    const std::size_t end = std::min(raw_query.find('&', begin), raw_query.size());
    const std::string_view parameter = raw_query.substr(begin, end - begin);
    const std::size_t equals = parameter.find('=');
    if (begin > 0) query += '&';
    if (equals != parameter.npos && IsListed(query_, QueryDecode(parameter.substr(0, equals)))) {
      query.append(parameter.substr(0, equals + 1)).append(kRedacted);
    } else {
      query.append(parameter);
    }
    begin = end + 1;
  }
  return query;
}

std::string Redaction::Path(std::string_view raw_path, const PathTemplate* matched) const {
  if (path_variables_.empty()) return std::string(raw_path);
  if (matched == nullptr) return std::string(kRedacted);
  const auto hides = [this](const auto& variable) { return HidesVariable(variable); };
  if (std::ranges::none_of(matched->variables, hides)) return std::string(raw_path);
  const auto match = MatchedPath::Of(raw_path, *matched);
  if (!match) return std::string(kRedacted);
  std::string path;
  std::size_t copied = 0;
  for (const PathTemplate::Variable& variable : matched->variables) {
    const std::size_t begin = match->SlashBefore(variable.first);
    const std::size_t end = match->SlashBefore(variable.first + variable.count);
    if (begin >= end || !hides(variable)) continue;  // a "**" may have captured nothing
    path.append(raw_path.substr(copied, begin + 1 - copied)).append(kRedacted);
    copied = end;
  }
  return path.append(raw_path.substr(copied));
}

bool Redaction::HidesVariable(const PathTemplate::Variable& variable) const {
  return IsListed(path_variables_, variable.field_path);
}

}  // namespace puente
