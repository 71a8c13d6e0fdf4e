// What a client wants its answer as: Accept and Accept-Encoding (RFC 9110 sections 12.5.1, 12.5.3).
// Both take time linear in the headers. List members that are malformed, or whose q is, are as if
// they were not there; parameters other than q mean nothing, and the highest q counts when one name
// is there more than once.
#pragma once

#include <span>
#include <string_view>

#include "transcoder/http_message.h"
#include "transcoder/stream_framing.h"

namespace puente {

// The format of a server stream, by all `Accept` fields together (design section 4, rule 4). On
// offer, in this order:
//     application/json       a JSON array
//     application/x-ndjson   NDJSON; application/ndjson, too, means this
//     application/jsonl      NDJSON by this name
//     text/event-stream      server-sent events
// The q of a type is that of the most specific range that matches it (the type itself, `type/*`,
// `*/*`); 0 excludes it. The highest q wins, and of equals the first in the order above, named or
// let in by a wildcard: `application/x-ndjson, */*` means an array. Where no type is acceptable, or
// no Accept is there, it is the array, too: there is no 406.
StreamChoice ChooseStreamFormat(std::span<const HeaderView> headers);

// Whether the answer may go out with `Content-Encoding: gzip`, by all `Accept-Encoding` fields
// together: gzip (or x-gzip, its old name), or else `*`, has a q above 0, and the client does not
// name `identity` with a higher one.
bool AcceptsGzip(std::span<const HeaderView> headers);

// The highest q, in thousandths, with which `Accept` names this very type; 0 when it does not.
int NamedQuality(std::span<const HeaderView> headers, std::string_view type);

}  // namespace puente
