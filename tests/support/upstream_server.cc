#include "tests/support/upstream_server.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace puente::test {
namespace {

std::string ReadFile(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const UpstreamOptions& options) {
  if (!options.certificate) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls(
      options.client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_key_cert_pairs.push_back(
      {ReadFile(options.certificate->private_key), ReadFile(options.certificate->certificate)});
  if (!options.client_ca.empty()) tls.pem_root_certs = ReadFile(options.client_ca);
  return grpc::SslServerCredentials(tls);
}

}  // namespace

UpstreamServer::UpstreamServer(const UpstreamOptions& options, std::shared_ptr<UpstreamState> state)
    : state_(std::move(state)) {
  int bound_port = 0;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort("127.0.0.1:" + std::to_string(options.port), MakeCredentials(options),
                           &bound_port);
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.SetMaxSendMessageSize(options.max_message_bytes);
  if (options.compresses) builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  builder.RegisterAsyncGenericService(&service_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || bound_port == 0) {
    throw std::runtime_error("cannot listen on port " + std::to_string(options.port));
  }
  port_ = static_cast<std::uint16_t>(bound_port);
  Accept();
  poller_ = std::thread([this] { Poll(); });
}

UpstreamServer::~UpstreamServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  server_->Shutdown(std::chrono::system_clock::now());
  {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return busy_ == 0; });
  }
  queue_->Shutdown();
  poller_.join();
}

void UpstreamServer::Accept() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  auto* acceptor = new Acceptor(*this, std::make_shared<UpstreamCall>(state_, [this] { Leave(); }));
  acceptor->Request();
}

void UpstreamServer::Acceptor::Request() {
  call_->Request(server_.service_, *server_.queue_, *this);
}

void UpstreamServer::Acceptor::Complete(bool ok) {
  const std::unique_ptr<Acceptor> self(this);
  if (!ok) {
    call_->Abandon();
    return;
  }
  server_.RunOnOwnThread(std::move(call_));
  server_.Accept();
}

void UpstreamServer::RunOnOwnThread(std::shared_ptr<UpstreamCall> call) {
  {
    const std::lock_guard lock(mutex_);
    busy_ += 2;
  }
  std::thread([this, call = std::move(call)]() mutable {
    call->Run();
    call.reset();
    Leave();
  }).detach();
}

void UpstreamServer::Leave() {
  const std::lock_guard lock(mutex_);
  --busy_;
  idle_.notify_all();
}

void UpstreamServer::Poll() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
}

}  // namespace puente::test
