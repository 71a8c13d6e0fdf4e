#include "examples/services/users_service.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/services/numbered_id.h"
#include "examples/services/paging.h"
#include "examples/services/rpc_errors.h"

namespace puente::examples {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;
using users::v1::User;

constexpr std::string_view kIdPrefix = "u-";
constexpr std::size_t kMaxUsers = 100'000;

grpc::Status NoSuchUser(const std::string& id) { return NotFound("users.v1.User", id); }

grpc::Status Check(const User& user) {
  std::vector<FieldViolation> violations;
  if (user.name().empty()) violations.push_back({"user.name", "must not be empty"});
  const auto at = user.email().find('@');
  if (at == std::string::npos || at == 0 || at + 1 == user.email().size()) {
    violations.push_back({"user.email", "must be an e-mail address"});
  }
  if (user.age() > 150) violations.push_back({"user.age", "must be at most 150"});
  return InvalidArgument(violations);
}

grpc::Status EmailIsTaken() {
  return Refused(grpc::StatusCode::ALREADY_EXISTS, "another user has this e-mail address",
                 "EMAIL_TAKEN", "users.example.com");
}

// The fields that an update changes.
grpc::Status ReadMask(const users::v1::UpdateUserRequest& request, FieldMask& mask) {
  mask = request.update_mask();
  if (mask.paths().empty()) {
    for (const char* field : {"name", "email", "age"}) mask.add_paths(field);
  }
  std::vector<FieldViolation> violations;
  for (const auto& path : mask.paths()) {
    if (path == "id" || !FieldMaskUtil::IsValidPath<User>(path)) {
      violations.push_back({"update_mask", "names a field that cannot be changed"});
    }
  }
  if (!request.user().id().empty() && request.user().id() != request.id()) {
    violations.push_back({"user.id", "must be the id of the user or empty"});
  }
  return InvalidArgument(violations);
}

User Merge(User user, const User& changes, const FieldMask& mask) {
  FieldMaskUtil::MergeMessageTo(changes, mask, FieldMaskUtil::MergeOptions(), &user);
  return user;
}

}  // namespace

UserService::UserService() {
  AddSample("Ada Lovelace", "ada@example.com", 36);
  AddSample("Alan Turing", "alan@example.com", 41);
  AddSample("Grace Hopper", "grace@example.com", 85);
}

void UserService::AddSample(const char* name, const char* email, std::uint32_t age) {
  User& user = users_[++last_];
  user.set_id(MakeId(kIdPrefix, last_));
  user.set_name(name);
  user.set_email(email);
  user.set_age(age);
}

grpc::Status UserService::GetUser(grpc::ServerContext* /*context*/,
                                  const users::v1::GetUserRequest* request, User* response) {
  const std::lock_guard lock(mutex_);
  const auto user = FindLocked(request->id());
  if (user == users_.end()) return NoSuchUser(request->id());
  *response = user->second;
  return grpc::Status::OK;
}

grpc::Status UserService::ListUsers(grpc::ServerContext* /*context*/,
                                    const users::v1::ListUsersRequest* request,
                                    users::v1::ListUsersResponse* response) {
  Page page;
  if (auto status = ReadPage(request->page_size(), request->page_token(), page); !status.ok()) {
    return status;
  }
  const std::lock_guard lock(mutex_);
  auto user = users_.upper_bound(page.after);
  for (; user != users_.end() && response->users_size() < page.size; ++user) {
    *response->add_users() = user->second;
  }
  if (user != users_.end()) response->set_next_page_token(PageToken(std::prev(user)->first));
  return grpc::Status::OK;
}

grpc::Status UserService::CreateUser(grpc::ServerContext* /*context*/,
                                     const users::v1::CreateUserRequest* request, User* response) {
  if (auto status = Check(request->user()); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  *response = request->user();
  response->clear_id();
  if (IsTakenLocked(*response)) return EmailIsTaken();
  if (users_.size() >= kMaxUsers) {
    return Refused(grpc::StatusCode::RESOURCE_EXHAUSTED, "there are too many users",
                   "TOO_MANY_USERS", "users.example.com");
  }
  response->set_id(MakeId(kIdPrefix, ++last_));
  users_.emplace(last_, *response);
  return grpc::Status::OK;
}

grpc::Status UserService::UpdateUser(grpc::ServerContext* /*context*/,
                                     const users::v1::UpdateUserRequest* request, User* response) {
  FieldMask mask;
  if (auto status = ReadMask(*request, mask); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  const auto user = FindLocked(request->id());
  if (user == users_.end()) return NoSuchUser(request->id());
  *response = Merge(user->second, request->user(), mask);
  if (auto status = Check(*response); !status.ok()) return status;
  if (IsTakenLocked(*response)) return EmailIsTaken();
  user->second = *response;
  return grpc::Status::OK;
}

grpc::Status UserService::DeleteUser(grpc::ServerContext* /*context*/,
                                     const users::v1::DeleteUserRequest* request,
                                     google::protobuf::Empty* /*response*/) {
  const std::lock_guard lock(mutex_);
  const auto user = FindLocked(request->id());
  if (user == users_.end()) return NoSuchUser(request->id());
  users_.erase(user);
  return grpc::Status::OK;
}

grpc::Status UserService::ResetPassword(grpc::ServerContext* /*context*/,
                                        const users::v1::ResetPasswordRequest* request,
                                        google::protobuf::Empty* /*response*/) {
  const std::lock_guard lock(mutex_);
  return FindLocked(request->id()) == users_.end() ? NoSuchUser(request->id()) : grpc::Status::OK;
}

UserService::Users::iterator UserService::FindLocked(const std::string& id) {
  return users_.find(NumberOfId(kIdPrefix, id));
}

// Linear in the number of users, which is fine for an example.
bool UserService::IsTakenLocked(const User& user) const {
  return std::ranges::any_of(users_, [&](const auto& entry) {
    return entry.second.email() == user.email() && entry.second.id() != user.id();
  });
}

}  // namespace puente::examples
