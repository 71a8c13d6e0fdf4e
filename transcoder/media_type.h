// Media types of bodies (RFC 9110 section 8.3.1). All take the value of a Content-Type; case does
// not count, nor do parameters, save a charset that is not UTF-8: such a body is none of these.
#pragma once

#include <string_view>

namespace puente {

// One JSON value: application/json, anything that ends with "+json", or no type at all.
bool IsJson(std::string_view content_type);

// JSON values, one per line: application/x-ndjson, application/jsonl, and the names that are in use
// beside them: application/ndjson and application/x-jsonlines.
bool IsNdjson(std::string_view content_type);

// The fields of an HTML form: application/x-www-form-urlencoded.
bool IsForm(std::string_view content_type);

}  // namespace puente
