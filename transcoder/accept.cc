#include "transcoder/accept.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "transcoder/header_value.h"

namespace puente {
namespace {

constexpr int kFullQuality = 1000;  // q=1; qualities are in thousandths

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool HasQualityForm(std::string_view text) {
  return !text.empty() && text.size() <= 5 && (text[0] == '0' || text[0] == '1') &&
         (text.size() == 1 || text[1] == '.') &&
         std::ranges::all_of(text.substr(std::min<std::size_t>(2, text.size())), IsDigit);
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
std::optional<int> ParseQuality(std::string_view text) {
  if (!HasQualityForm(text)) return std::nullopt;
  int quality = 0;
  for (const std::size_t digit : {0, 2, 3, 4}) {
    quality = quality * 10 + (digit < text.size() ? text[digit] - '0' : 0);
  }
  return quality <= kFullQuality ? std::optional(quality) : std::nullopt;
}

struct Preference {
  std::string_view name;  // a media range or a content coding
  int quality = kFullQuality;
};

// The value of a parameter that is called q; nullopt for another one.
std::optional<std::string_view> QualityText(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!EqualsIgnoreCase(TrimHeaderValue(parameter.substr(0, equals)), "q")) return std::nullopt;
  return equals == std::string_view::npos ? "" : TrimHeaderValue(parameter.substr(equals + 1));
}

// One member of a list: name *( OWS ";" OWS parameter ). Its quoted strings must end.
std::optional<Preference> ParsePreference(std::string_view member) {
  Preference preference{TakeElement(member, ';').value_or("")};
  bool has_quality = false;
  while (!member.empty()) {
    const auto text = QualityText(TakeElement(member, ';').value_or(""));
    if (!text) continue;
    const std::optional<int> quality = ParseQuality(*text);
    if (!quality || has_quality) return std::nullopt;
    preference.quality = *quality;
    has_quality = true;
  }
  return preference;
}

// Calls visit(Preference) for each member of all fields called `name`.
template <class Visit>
void ForEachPreference(std::span<const HeaderView> headers, std::string_view name, Visit visit) {
  for (const HeaderView& header : headers) {
    if (!EqualsIgnoreCase(header.name, name)) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::optional<std::string_view> member = TakeElement(rest, ',');
      const auto preference = member ? ParsePreference(*member) : std::nullopt;
      if (preference) visit(*preference);
    }
  }
}

// How exactly a client named a type, the most exact last.
enum class Named { kNot, kAny, kAnySubtype, kExactly };

// A type on offer, and how much the client wants it.
class OfferedType {
 public:
  // `alias` is another name for `type`.
  OfferedType(StreamFormat format, std::string_view type, std::string_view any_subtype,
              std::string_view alias)
      : choice_{format, type}, any_subtype_(any_subtype), alias_(alias) {}

  const StreamChoice& choice() const { return choice_; }
  int quality() const { return quality_; }

  void Consider(const Preference& range) {
    const Named named = NamedBy(range.name);
    if (named == Named::kNot || named < named_) return;
    quality_ = named == named_ ? std::max(quality_, range.quality) : range.quality;
    named_ = named;
  }

 private:
  Named NamedBy(std::string_view range) const {
    const bool is_type =
        EqualsIgnoreCase(range, choice_.content_type) || EqualsIgnoreCase(range, alias_);
    if (is_type) return Named::kExactly;
    if (EqualsIgnoreCase(range, any_subtype_)) return Named::kAnySubtype;
    return range == "*/*" ? Named::kAny : Named::kNot;
  }

  StreamChoice choice_;
  std::string_view any_subtype_;
  std::string_view alias_;
  Named named_ = Named::kNot;
  int quality_ = 0;
};

void Raise(std::optional<int>& quality, int to) { quality = std::max(quality.value_or(0), to); }

}  // namespace

StreamChoice ChooseStreamFormat(std::span<const HeaderView> headers) {
  auto offered = std::to_array<OfferedType>({
      {StreamFormat::kJsonArray, "application/json", "application/*", "application/json"},
      {StreamFormat::kNdjson, "application/x-ndjson", "application/*", "application/ndjson"},
      {StreamFormat::kNdjson, "application/jsonl", "application/*", "application/jsonl"},
      {StreamFormat::kServerSentEvents, "text/event-stream", "text/*", "text/event-stream"},
  });
  ForEachPreference(headers, "accept", [&offered](const Preference& range) {
    for (OfferedType& type : offered) type.Consider(range);
  });
  return std::ranges::max_element(offered, {}, &OfferedType::quality)->choice();
}

int NamedQuality(std::span<const HeaderView> headers, std::string_view type) {
  int quality = 0;
  ForEachPreference(headers, "accept", [&](const Preference& range) {
    if (EqualsIgnoreCase(range.name, type)) quality = std::max(quality, range.quality);
  });
  return quality;
}

bool AcceptsGzip(std::span<const HeaderView> headers) {
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> any;
  ForEachPreference(headers, "accept-encoding", [&](const Preference& coding) {
    if (EqualsIgnoreCase(coding.name, "gzip") || EqualsIgnoreCase(coding.name, "x-gzip")) {
      Raise(gzip, coding.quality);
    } else if (EqualsIgnoreCase(coding.name, "identity")) {
      Raise(identity, coding.quality);
    } else if (coding.name == "*") {
      Raise(any, coding.quality);
    }
  });
  const int quality = gzip.value_or(any.value_or(0));
  return quality > 0 && quality >= identity.value_or(0);
}

}  // namespace puente
