// One request in the Common Log Format.
#include "proxy/telemetry/access_log/access_log_pieces.h"
#include "proxy/telemetry/line_text.h"

namespace puente {
namespace {

void AppendOrDash(std::string_view text, TextBuffer& out) {
  AppendEscaped(text.empty() ? "-" : text, out);
}

}  // namespace

void AppendCommonLine(const AccessLogEntry& entry, SecondText& second, TextBuffer& out) {
  AppendOrDash(entry.client, out);
  out.Append(" - - [");
  out.Append(second.Of(std::chrono::floor<std::chrono::seconds>(entry.start)));
  out.Append("] \"");
  AppendEscaped(MethodText(entry.method), out);
  out.Append(' ');
  AppendOrDash(entry.route, out);
  out.Append(" HTTP/1.");
  out.AppendInteger(entry.minor_version);
  out.Append("\" ");
  out.AppendInteger(entry.status);
  out.Append(' ');
  // As web servers do.
  if (entry.bytes_out == 0) {
    out.Append('-');
  } else {
    out.AppendInteger(entry.bytes_out);
  }
  out.Append('\n');
}

}  // namespace puente
