// One request as key=value.
#include "proxy/telemetry/access_log/access_log_pieces.h"
#include "proxy/telemetry/line_text.h"

namespace puente {
namespace {

// With the key, and a space in front.
void AppendText(std::string_view key, std::string_view text, TextBuffer& out) {
  if (text.empty()) return;
  out.Append(key);
  AppendLogfmtValue(text, out);
}

}  // namespace

void AppendLogfmtLine(const AccessLogEntry& entry, SecondText& second, TextBuffer& out) {
  out.Append("ts=");
  AppendTimestamp(entry.start, second, out);
  out.Append(" msg=access");
  AppendText(" trace_id=", entry.trace_id, out);
  AppendText(" request_id=", entry.request_id, out);
  AppendText(" method=", MethodText(entry.method), out);
  AppendText(" route=", entry.route, out);
  AppendNumber(" status=", entry.status, out);
  if (entry.code) AppendText(" grpc_code=", CodeName(*entry.code), out);
  AppendText(" upstream=", entry.upstream, out);
  AppendText(" split=", entry.split, out);
  AppendText(" traffic=", entry.traffic, out);
  out.Append(" duration_ms=");
  AppendMilliseconds(entry.duration, out);
  if (entry.upstream_time) {
    out.Append(" upstream_ms=");
    AppendMilliseconds(*entry.upstream_time, out);
  }
  AppendNumber(" bytes_in=", entry.bytes_in, out);
  AppendNumber(" bytes_out=", entry.bytes_out, out);
  AppendText(" client=", entry.client, out);
  AppendText(" flags=", FlagText(entry.flag), out);
  out.Append('\n');
}

}  // namespace puente
