// users.v1.UserService over users in memory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "users/v1/users.grpc.pb.h"

namespace puente::examples {

// Begins with "u-1" (Ada), "u-2" (Alan) and "u-3" (Grace). Safe for any number of calls at once.
// Unknown ids are NOT_FOUND with a ResourceInfo.
class UserService final : public users::v1::UserService::Service {
 public:
  UserService();

  grpc::Status GetUser(grpc::ServerContext* context, const users::v1::GetUserRequest* request,
                       users::v1::User* response) override;
  // In the order of their creation.
  grpc::Status ListUsers(grpc::ServerContext* context, const users::v1::ListUsersRequest* request,
                         users::v1::ListUsersResponse* response) override;
  // Under a new id. A name and an e-mail address that nobody else has (ALREADY_EXISTS) are
  // required.
  grpc::Status CreateUser(grpc::ServerContext* context, const users::v1::CreateUserRequest* request,
                          users::v1::User* response) override;
  // The fields of update_mask, or all but the id when there is none. The outcome must be as for
  // CreateUser.
  grpc::Status UpdateUser(grpc::ServerContext* context, const users::v1::UpdateUserRequest* request,
                          users::v1::User* response) override;
  grpc::Status DeleteUser(grpc::ServerContext* context, const users::v1::DeleteUserRequest* request,
                          google::protobuf::Empty* response) override;
  // Nothing to see: an example sends no mail.
  grpc::Status ResetPassword(grpc::ServerContext* context,
                             const users::v1::ResetPasswordRequest* request,
                             google::protobuf::Empty* response) override;

 private:
  using Users = std::map<std::uint64_t, users::v1::User>;  // "u-N" by N

  Users::iterator FindLocked(const std::string& id);
  bool IsTakenLocked(const users::v1::User& user) const;
  void AddSample(const char* name, const char* email, std::uint32_t age);

  std::mutex mutex_;
  Users users_;
  std::uint64_t last_ = 0;
};

}  // namespace puente::examples
