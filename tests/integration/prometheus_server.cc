#include "tests/integration/prometheus_server.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/http_client.h"

namespace puente::test {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

std::string Config(std::uint16_t admin_port) {
  return fmt::format(
      "global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}\n"
      "scrape_configs:\n"
      "- job_name: puente\n"
      "  static_configs: [{{targets: [\"127.0.0.1:{}\"]}}]\n",
      admin_port);
}

std::vector<std::string> Arguments(const TempDir& dir, std::uint16_t admin_port) {
  return {"--config.file=" + dir.Write("prometheus.yaml", Config(admin_port)),
          "--storage.tsdb.path=" + dir.File("data"), "--web.listen-address=127.0.0.1:0",
          "--enable-feature=exemplar-storage"};
}

std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const unsigned char c : text) encoded += fmt::format("%{:02X}", c);
  return encoded;
}

// The member `data` of what the API answers.
Value DataOf(const std::string& json) {
  Struct answer;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &answer);
  if (!status.ok() || answer.fields().at("status").string_value() != "success") {
    throw std::runtime_error("Prometheus answers " + json);
  }
  return answer.fields().at("data");
}

}  // namespace

bool HasPrometheus() {
  return std::filesystem::exists(kPrometheus) && std::filesystem::exists(kPromtool);
}

PrometheusServer::PrometheusServer(std::uint16_t admin_port)
    : process_(kPrometheus, Arguments(dir_, admin_port)),
      port_(process_.WaitForPort("msg=\"Listening on\" address=127.0.0.1:")) {
  const bool ready = port_ != 0 && WaitUntil([&] {
                       return HttpClient::Connect(port_).Get("/-/ready").status == 200;
                     });
  if (!ready) throw std::runtime_error("Prometheus did not start:\n" + Log());
}

std::string PrometheusServer::Ask(const std::string& path, const std::string& expression) const {
  return HttpClient::Connect(port_).Get(path + "?query=" + PercentEncoded(expression)).body;
}

std::vector<std::string> PrometheusServer::Query(const std::string& expression) const {
  const Value data = DataOf(Ask("/api/v1/query", expression));
  const Value& result = data.struct_value().fields().at("result");
  const auto value_of = [](const ListValue& sample) { return sample.values(1).string_value(); };
  if (data.struct_value().fields().at("resultType").string_value() == "scalar") {
    return {value_of(result.list_value())};
  }
  std::vector<std::string> values;
  for (const Value& series : result.list_value().values()) {
    values.push_back(value_of(series.struct_value().fields().at("value").list_value()));
  }
  return values;
}

std::vector<std::string> PrometheusServer::ExemplarTraceIds(const std::string& expression) const {
  const Value data = DataOf(Ask("/api/v1/query_exemplars", expression));
  std::vector<std::string> ids;
  for (const Value& series : data.list_value().values()) {
    const auto& exemplars = series.struct_value().fields().at("exemplars").list_value();
    for (const Value& exemplar : exemplars.values()) {
      const auto& labels = exemplar.struct_value().fields().at("labels").struct_value();
      const auto id = labels.fields().find("trace_id");
      if (id != labels.fields().end()) ids.push_back(id->second.string_value());
    }
  }
  return ids;
}

}  // namespace puente::test
