#include "proxy/upstream/reflected_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <utility>

#include "config/utf8.h"
#include "descriptors/built_in_files.h"
#include "descriptors/file_checks.h"
#include "proxy/presentable.h"
#include "transcoder/error.h"
#include "transcoder/utf8.h"

namespace puente {
namespace {

using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::ErrorResponse;
using grpc::reflection::v1::FileDescriptorResponse;
using grpc::reflection::v1::ListServiceResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

constexpr std::size_t kLongestName = 500;

template <class... Arguments>
tl::unexpected<std::string> Failed(fmt::format_string<Arguments...> format,
                                   Arguments&&... arguments) {
  return tl::unexpected(fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <class Message>
bool Parse(Message& message, std::string_view bytes) {
  return bytes.size() <= std::numeric_limits<int>::max() &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Names go into messages and logs.
bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && IsPrintableUtf8(name);
}

// What every gRPC server may have beside its API; other packages below "grpc." are anybody's.
bool IsOfGrpcItself(std::string_view service) {
  static constexpr std::string_view kPackages[] = {"grpc.admin.", "grpc.channelz.", "grpc.health.",
                                                   "grpc.reflection."};
  return std::ranges::any_of(kPackages, [&](auto package) { return service.starts_with(package); });
}

std::string FullName(const FileDescriptorProto& file, const std::string& service) {
  return file.package().empty() ? service : fmt::format("{}.{}", file.package(), service);
}

void RemoveServicesOfGrpcItself(FileDescriptorProto& file) {
  if (IsOfGrpcItself(file.package() + ".")) file.clear_service();
}

// For a message: the first few.
std::string NamesOf(const std::vector<std::string>& services) {
  constexpr std::size_t kNamed = 5;
  const auto named = std::span(services).first(std::min(services.size(), kNamed));
  std::string names = fmt::format("{}", fmt::join(named, ", "));
  if (services.size() > kNamed) names += fmt::format(" and {} more", services.size() - kNamed);
  return names;
}

std::string Describe(const ErrorResponse& error) {
  const std::string_view code = CodeName(CodeOfNumber(error.error_code()));
  if (error.error_message().empty()) return std::string(code);
  return fmt::format("{}: {}", code, Presentable(error.error_message()));
}

}  // namespace

std::optional<std::string> ReflectedFiles::NextRequest() {
  if (!listed_) return Ask(Subject::kServices, "");
  while (!services_.empty()) {
    const std::string service = std::move(services_.back());
    services_.pop_back();
    if (!defined_.contains(service)) return Ask(Subject::kService, service);
  }
  if (wanted_.empty()) return std::nullopt;
  importer_ = wanted_.begin()->second;
  return Ask(Subject::kFile, wanted_.begin()->first);
}

std::string ReflectedFiles::Ask(Subject subject, std::string name) {
  subject_ = subject;
  name_ = std::move(name);
  ServerReflectionRequest request;
  switch (subject) {
    case Subject::kServices:
      request.set_list_services("*");
      break;
    case Subject::kService:
      request.set_file_containing_symbol(name_);
      break;
    case Subject::kFile:
      request.set_file_by_filename(name_);
      break;
  }
  return request.SerializeAsString();
}

std::string ReflectedFiles::Question() const {
  switch (subject_) {
    case Subject::kService:
      return fmt::format("for the service {}", name_);
    case Subject::kFile:
      return fmt::format("for {}, which {} imports", name_, importer_);
    default:
      return "for its services";
  }
}

tl::expected<void, std::string> ReflectedFiles::Take(std::string_view answer) {
  bytes_ += answer.size();
  if (bytes_ > limits_.bytes) {
    return Failed("its reflection gives more than {} bytes of descriptors", limits_.bytes);
  }
  ServerReflectionResponse response;
  if (!Parse(response, answer)) {
    return Failed("asked {}, its reflection answered what is no ServerReflectionResponse",
                  Question());
  }
  if (response.has_error_response()) return TakeRefusal(response.error_response());
  if (subject_ == Subject::kServices && response.has_list_services_response()) {
    return TakeServices(response.list_services_response());
  }
  if (subject_ != Subject::kServices && response.has_file_descriptor_response()) {
    return TakeFiles(response.file_descriptor_response());
  }
  return Failed("asked {}, its reflection answered something else", Question());
}

ReflectedFiles::Taken ReflectedFiles::TakeServices(const ListServiceResponse& list) {
  if (static_cast<std::size_t>(list.service_size()) > limits_.files) {
    return Failed("its reflection lists more than {} services", limits_.files);
  }
  std::set<std::string, std::greater<>> names;
  for (const auto& service : list.service()) {
    if (!IsName(service.name())) {
      return Failed("its reflection lists a service called '{}'", Presentable(service.name()));
    }
    if (!IsOfGrpcItself(service.name())) names.insert(service.name());
  }
  services_.assign(names.begin(), names.end());
  listed_ = true;
  return {};
}

ReflectedFiles::Taken ReflectedFiles::TakeFiles(const FileDescriptorResponse& files) {
  for (const std::string& bytes : files.file_descriptor_proto()) {
    const Taken taken = TakeFile(bytes);
    if (!taken) return taken;
  }
  return CheckAnswered();
}

ReflectedFiles::Taken ReflectedFiles::TakeFile(std::string_view bytes) {
  FileDescriptorProto parsed;
  if (!Parse(parsed, bytes) || !IsName(parsed.name())) {
    return Failed("asked {}, its reflection answered what is no file descriptor", Question());
  }
  FileDescriptorProto file = Canonical(std::move(parsed));
  RemoveServicesOfGrpcItself(file);
  if (const auto known = files_.find(file.name()); known != files_.end()) {
    if (SameFile(known->second, file)) return {};
    return Failed("its reflection gives two different files called {}", file.name());
  }
  for (const auto& service : file.service()) defined_.insert(FullName(file, service.name()));
  wanted_.erase(file.name());
  const std::string name = file.name();
  return WantImports(files_.emplace(name, std::move(file)).first->second);
}

ReflectedFiles::Taken ReflectedFiles::WantImports(const FileDescriptorProto& file) {
  for (const std::string& import : file.dependency()) {
    if (!IsName(import)) {
      return Failed("{} imports a file called '{}'", file.name(), Presentable(import));
    }
    if (files_.contains(import) || built_in_.contains(import)) continue;
    wanted_.try_emplace(import, file.name());
    if (files_.size() + wanted_.size() > limits_.files) {
      return Failed("its reflection leads to more than {} files; {} is one of them", limits_.files,
                    import);
    }
  }
  return {};
}

ReflectedFiles::Taken ReflectedFiles::CheckAnswered() {
  const bool given =
      subject_ == Subject::kService ? defined_.contains(name_) : files_.contains(name_);
  if (!given) {
    return Failed("asked {}, its reflection answered other files", Question());
  }
  return {};
}

ReflectedFiles::Taken ReflectedFiles::TakeRefusal(const ErrorResponse& error) {
  const bool not_found = error.error_code() == static_cast<int>(Code::kNotFound);
  if (subject_ == Subject::kService && not_found) {
    missing_.push_back(name_);
    return {};
  }
  if (subject_ == Subject::kFile && FindBuiltInFile(name_) != nullptr) {
    wanted_.erase(name_);
    built_in_.insert(name_);
    return {};
  }
  return Failed("asked {}, its reflection answered {}", Question(), Describe(error));
}

tl::expected<ReflectedSet, std::string> ReflectedFiles::Finish() && {
  if (defined_.empty() && missing_.empty()) {
    return Failed("its reflection lists no services but gRPC's own");
  }
  if (defined_.empty()) {
    return Failed("its reflection has no descriptors of the services that it lists: {}",
                  NamesOf(missing_));
  }
  ReflectedSet result{.bytes = {},
                      .files = files_.size(),
                      .services = defined_.size(),
                      .missing = NamesOf(missing_)};
  google::protobuf::FileDescriptorSet set;
  for (auto& [name, file] : files_) *set.add_file() = std::move(file);
  result.bytes = set.SerializeAsString();
  return result;
}

}  // namespace puente
