// One request as a line of JSON.
#include "proxy/telemetry/access_log/access_log_pieces.h"
#include "transcoder/compiled/json_string.h"

namespace puente {
namespace {

// With the key, and a comma in front.
void AppendText(std::string_view key, std::string_view text, TextBuffer& out) {
  if (text.empty()) return;
  const std::size_t before = out.size();
  out.Append(key);
  // Nothing in the log is other than UTF-8; if it were, the line would still be JSON.
  if (!AppendJsonString(text, nullptr, out)) out.Rewind(before);
}

}  // namespace

void AppendJsonLine(const AccessLogEntry& entry, SecondText& second, TextBuffer& out) {
  out.Append(R"({"ts":")");
  AppendTimestamp(entry.start, second, out);
  out.Append(R"(","msg":"access")");
  AppendText(R"(,"trace_id":)", entry.trace_id, out);
  AppendText(R"(,"request_id":)", entry.request_id, out);
  AppendText(R"(,"method":)", MethodText(entry.method), out);
  AppendText(R"(,"route":)", entry.route, out);
  AppendNumber(R"(,"status":)", entry.status, out);
  if (entry.code) AppendText(R"(,"grpc_code":)", CodeName(*entry.code), out);
  AppendText(R"(,"upstream":)", entry.upstream, out);
  AppendText(R"(,"split":)", entry.split, out);
  AppendText(R"(,"traffic":)", entry.traffic, out);
  out.Append(R"(,"duration_ms":)");
  AppendMilliseconds(entry.duration, out);
  if (entry.upstream_time) {
    out.Append(R"(,"upstream_ms":)");
    AppendMilliseconds(*entry.upstream_time, out);
  }
  AppendNumber(R"(,"bytes_in":)", entry.bytes_in, out);
  AppendNumber(R"(,"bytes_out":)", entry.bytes_out, out);
  AppendText(R"(,"client":)", entry.client, out);
  if (entry.flag != AccessLogFlag::kNone) {
    out.Append(R"(,"flags":[")");
    out.Append(FlagText(entry.flag));
    out.Append(R"("])");
  }
  out.Append("}\n");
}

}  // namespace puente
