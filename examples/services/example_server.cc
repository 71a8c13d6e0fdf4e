#include "examples/services/example_server.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "examples/services/audiostream_service.h"
#include "examples/services/auth_service.h"
#include "examples/services/billing_service.h"
#include "examples/services/invoice_store.h"
#include "examples/services/legacy_billing.h"
#include "examples/services/page_service.h"
#include "examples/services/users_service.h"

namespace puente::examples {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(port) : std::nullopt;
}

// grpc++ has one switch for all servers of the process; it is left as it was found.
std::unique_ptr<grpc::Server> StartWithHealthService(grpc::ServerBuilder& builder) {
  const bool enabled = grpc::DefaultHealthCheckServiceEnabled();
  grpc::EnableDefaultHealthCheckService(true);
  auto server = builder.BuildAndStart();
  grpc::EnableDefaultHealthCheckService(enabled);
  return server;
}

// Each service by its name, besides the server as a whole.
void ReportServing(grpc::Server& server) {
  for (const char* service :
       {audiostream::v1::AudioStreamService::service_full_name(),
        auth::v1::AuthService::service_full_name(),
        billing::v1::BillingService::service_full_name(),
        pages::v1::PageService::service_full_name(), users::v1::UserService::service_full_name()}) {
    server.GetHealthCheckService()->SetServingStatus(service, true);
  }
}

}  // namespace

struct ExampleServer::Services {
  AudioStreamService audiostream;
  AuthService auth;
  std::shared_ptr<InvoiceStore> invoices = std::make_shared<InvoiceStore>();
  std::shared_ptr<ServiceFaults> billing_faults = std::make_shared<ServiceFaults>();
  std::shared_ptr<ServiceFaults> legacy_faults = std::make_shared<ServiceFaults>();
  BillingService billing{invoices, billing_faults};
  LegacyBilling legacy{invoices, legacy_faults, billing_faults};
  PageService pages;
  UserService users;
  std::unique_ptr<grpc::Server> server;  // empty while stopped
};

ExampleServer::ExampleServer(std::string address, std::string legacy_address)
    : legacy_address_(std::move(legacy_address)), services_(std::make_unique<Services>()) {
  const auto colon = address.rfind(':');
  if (colon != std::string::npos) port_ = ParsePort(std::string_view(address).substr(colon + 1));
  host_ = port_ ? address.substr(0, colon) : std::move(address);
}

ExampleServer::~ExampleServer() { Stop(); }

tl::expected<void, std::string> ExampleServer::Start() {
  if (auto started = StartLegacy(); !started) return started;
  if (services_->server != nullptr) return {};
  if (!port_) return tl::unexpected(fmt::format("'{}' is not of the form host:port", host_));
  int bound_port = 0;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(target(), grpc::InsecureServerCredentials(), &bound_port);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.RegisterService(&services_->audiostream);
  builder.RegisterService(&services_->auth);
  builder.RegisterService(&services_->billing);
  builder.RegisterService(&services_->pages);
  builder.RegisterService(&services_->users);
  services_->server = StartWithHealthService(builder);
  if (services_->server == nullptr || bound_port == 0) {
    services_->server.reset();
    return tl::unexpected(fmt::format("cannot listen on {}: is the port taken?", target()));
  }
  ReportServing(*services_->server);
  port_ = static_cast<std::uint16_t>(bound_port);
  return {};
}

tl::expected<void, std::string> ExampleServer::StartLegacy() {
  if (legacy_address_.empty()) return {};
  if (auto started = services_->legacy.Start(legacy_address_); !started) return started;
  const auto host = legacy_address_.substr(0, legacy_address_.rfind(':'));
  legacy_address_ = fmt::format("{}:{}", host, services_->legacy.port());
  return {};
}

std::uint16_t ExampleServer::port() const { return port_.value_or(0); }

std::string ExampleServer::target() const { return fmt::format("{}:{}", host_, port()); }

std::string ExampleServer::legacy_url() const {
  return services_->legacy.port() == 0 ? "" : "http://" + legacy_address_;
}

ServiceFaults& ExampleServer::billing_faults() { return *services_->billing_faults; }

ServiceFaults& ExampleServer::legacy_faults() { return *services_->legacy_faults; }

void ExampleServer::StopLegacy() { services_->legacy.Stop(); }

void ExampleServer::Stop(std::chrono::milliseconds grace) {
  if (services_->server == nullptr) return;
  services_->server->Shutdown(std::chrono::system_clock::now() + grace);
  services_->server.reset();
}

}  // namespace puente::examples
