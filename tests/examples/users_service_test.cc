#include "tests/examples/example_client.h"
#include "users/v1/users.grpc.pb.h"

namespace puente::examples {
namespace {

using testing::ElementsAre;
using users::v1::User;

User MakeUser(const std::string& name, const std::string& email, std::uint32_t age) {
  User user;
  user.set_name(name);
  user.set_email(email);
  user.set_age(age);
  return user;
}

class UserServiceTest : public ServicesTest {
 protected:
  grpc::Status Create(const User& user, User& created) {
    grpc::ClientContext context;
    users::v1::CreateUserRequest request;
    *request.mutable_user() = user;
    return stub_->CreateUser(&context, request, &created);
  }

  grpc::Status Update(const std::string& id, const User& user, const std::vector<std::string>& mask,
                      User& updated) {
    grpc::ClientContext context;
    users::v1::UpdateUserRequest request;
    request.set_id(id);
    *request.mutable_user() = user;
    for (const auto& path : mask) request.mutable_update_mask()->add_paths(path);
    return stub_->UpdateUser(&context, request, &updated);
  }

  grpc::Status Get(const std::string& id, User& user) {
    grpc::ClientContext context;
    users::v1::GetUserRequest request;
    request.set_id(id);
    return stub_->GetUser(&context, request, &user);
  }

  grpc::Status Delete(const std::string& id) {
    grpc::ClientContext context;
    users::v1::DeleteUserRequest request;
    request.set_id(id);
    google::protobuf::Empty empty;
    return stub_->DeleteUser(&context, request, &empty);
  }

  grpc::Status ResetPassword(const std::string& id) {
    grpc::ClientContext context;
    users::v1::ResetPasswordRequest request;
    request.set_id(id);
    google::protobuf::Empty empty;
    return stub_->ResetPassword(&context, request, &empty);
  }

  std::vector<std::string> List(int page_size) {
    std::vector<std::string> ids;
    users::v1::ListUsersRequest request;
    request.set_page_size(page_size);
    do {
      grpc::ClientContext context;
      users::v1::ListUsersResponse page;
      EXPECT_TRUE(stub_->ListUsers(&context, request, &page).ok());
      for (const auto& user : page.users()) ids.push_back(user.id());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }

  std::unique_ptr<users::v1::UserService::Stub> stub_ = users::v1::UserService::NewStub(channel_);
};

TEST_F(UserServiceTest, CreatesAndDeletes) {
  User created;
  auto user = MakeUser("Barbara", "barbara@example.com", 0);
  user.set_id("mine");
  ASSERT_TRUE(Create(user, created).ok());
  EXPECT_EQ(created.id(), "u-4");
  EXPECT_THAT(List(0), ElementsAre("u-1", "u-2", "u-3", "u-4"));
  ASSERT_TRUE(Delete("u-2").ok());
  for (const int size : {1, 2, 3, 4}) EXPECT_THAT(List(size), ElementsAre("u-1", "u-3", "u-4"));
  EXPECT_EQ(Delete("u-2").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(UserServiceTest, UpdatesWhatTheMaskNames) {
  User user;
  ASSERT_TRUE(Update("u-1", MakeUser("Countess", "", 0), {"name"}, user).ok());
  EXPECT_EQ(user.name(), "Countess");
  EXPECT_EQ(user.email(), "ada@example.com");
  EXPECT_EQ(user.age(), 36U);
  ASSERT_TRUE(Update("u-1", MakeUser("ignored", "", 0), {"age"}, user).ok());
  EXPECT_EQ(user.age(), 0U);
  EXPECT_EQ(user.name(), "Countess");
  ASSERT_TRUE(Update("u-1", MakeUser("Ada", "ada@example.org", 36), {}, user).ok());
  EXPECT_EQ(user.email(), "ada@example.org");
  EXPECT_EQ(user.id(), "u-1");
  User stored;
  ASSERT_TRUE(Get("u-1", stored).ok());
  EXPECT_EQ(stored.SerializeAsString(), user.SerializeAsString());
}

TEST_F(UserServiceTest, RefusesInvalidChanges) {
  User user;
  EXPECT_EQ(FieldsOf(Create(MakeUser("", "@", 151), user)), "user.name, user.email, user.age");
  EXPECT_EQ(FieldsOf(Update("u-1", MakeUser("", "", 0), {"name"}, user)), "user.name");
  EXPECT_EQ(FieldsOf(Update("u-1", MakeUser("x", "x@y", 0), {"id"}, user)), "update_mask");
  EXPECT_EQ(FieldsOf(Update("u-1", MakeUser("x", "x@y", 0), {"shoe"}, user)), "update_mask");
  auto other = MakeUser("x", "x@y", 0);
  other.set_id("u-2");
  EXPECT_EQ(FieldsOf(Update("u-1", other, {}, user)), "user.id");
  const auto taken = Create(MakeUser("Ada", "ada@example.com", 1), user);
  EXPECT_EQ(taken.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(taken).reason(), "EMAIL_TAKEN");
}

TEST_F(UserServiceTest, KnowsOnlyItsOwnIds) {
  User user;
  ASSERT_TRUE(ResetPassword("u-1").ok());
  for (const auto& status : {Get("u-9", user), Update("u-9", MakeUser("x", "x@y", 0), {}, user),
                             Delete("u-9"), ResetPassword("u-9")}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "u-9");
  }
}

}  // namespace
}  // namespace puente::examples
