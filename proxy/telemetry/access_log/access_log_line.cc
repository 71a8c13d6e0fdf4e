#include "proxy/telemetry/access_log/access_log_line.h"

#include "proxy/telemetry/access_log/access_log_pieces.h"

namespace puente {

AccessLogFormatter::AccessLogFormatter(config::AccessLog::Format format)
    : AccessLogFormatter(Of(format)) {}

AccessLogFormatter AccessLogFormatter::Of(config::AccessLog::Format format) {
  switch (format) {
    case config::AccessLog::FORMAT_LOGFMT:
      return {AppendLogfmtLine, WriteRfc3339};
    case config::AccessLog::FORMAT_COMMON:
      return {AppendCommonLine, WriteCommonTime};
    default:
      return {AppendJsonLine, WriteRfc3339};
  }
}

void AccessLogFormatter::Append(const AccessLogEntry& entry, std::string& lines) {
  constexpr std::size_t kUsualLine = 512;
  TextBuffer out(lines, kUsualLine);
  append_line_(entry, second_, out);
  out.Finish();
}

}  // namespace puente
