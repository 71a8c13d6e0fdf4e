#include "auth/v1/auth.grpc.pb.h"
#include "examples/services/local_token.h"
#include "tests/examples/example_client.h"

namespace puente::examples {
namespace {

using auth::v1::TokenInfo;
using testing::ElementsAre;

constexpr std::int64_t kYear2099 = 4'070'908'800;

class AuthServiceTest : public ServicesTest {
 protected:
  grpc::Status Verify(const std::string& token, const std::vector<std::string>& scopes,
                      TokenInfo& info) {
    grpc::ClientContext context;
    auth::v1::VerifyTokenRequest request;
    request.set_token(token);
    for (const auto& scope : scopes) request.add_required_scopes(scope);
    return stub_->VerifyToken(&context, request, &info);
  }

  TokenInfo ValidateLocal(const std::string& token) {
    grpc::ClientContext context;
    auth::v1::ValidateLocalRequest request;
    request.set_token(token);
    TokenInfo info;
    EXPECT_TRUE(stub_->ValidateLocal(&context, request, &info).ok());
    return info;
  }

  std::unique_ptr<auth::v1::AuthService::Stub> stub_ = auth::v1::AuthService::NewStub(channel_);
};

TEST_F(AuthServiceTest, VerifiesTokensOfTheSessionStore) {
  TokenInfo info;
  ASSERT_TRUE(Verify("demo-token", {"billing.read", "billing.write"}, info).ok());
  EXPECT_TRUE(info.valid());
  EXPECT_EQ(info.user_id(), "u-1");
  EXPECT_THAT(info.scopes(), ElementsAre("billing.read", "billing.write"));
  EXPECT_EQ(info.expires_at().seconds(), kYear2099);
  ASSERT_TRUE(Verify("expired-token", {"anything"}, info).ok());
  EXPECT_FALSE(info.valid());
  ASSERT_TRUE(Verify("nobody's", {}, info).ok());
  EXPECT_FALSE(info.valid());
  EXPECT_EQ(info.user_id(), "");
}

TEST_F(AuthServiceTest, SaysWhyItRefuses) {
  TokenInfo info;
  const auto status = Verify("reader-token", {"billing.read", "billing.write"}, info);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "MISSING_SCOPE");
  EXPECT_EQ(FieldsOf(Verify("", {}, info)), "token");
}

TEST_F(AuthServiceTest, ValidatesSignedTokens) {
  const auto info = ValidateLocal(SignLocalToken({"u.7", kYear2099}));
  EXPECT_TRUE(info.valid());
  EXPECT_EQ(info.user_id(), "u.7");
  const auto expired = ValidateLocal(SignLocalToken({"u-7", 1}));
  EXPECT_FALSE(expired.valid());
  EXPECT_EQ(expired.user_id(), "u-7");
  const std::string good = SignLocalToken({"u-7", kYear2099});
  for (const std::string& forged :
       {"x" + good, good + "0", good.substr(1), good.substr(0, good.size() - 1),
        std::string("demo-token"), std::string(".."), std::string("u-7.4070908800.")}) {
    EXPECT_FALSE(ValidateLocal(forged).valid()) << forged;
    EXPECT_EQ(ValidateLocal(forged).user_id(), "") << forged;
  }
}

TEST_F(AuthServiceTest, TellsPermissions) {
  const auto get = [&](const std::string& user, const std::string& resource,
                       auth::v1::UserPermissions& permissions) {
    grpc::ClientContext context;
    auth::v1::GetUserPermissionsRequest request;
    request.set_user_id(user);
    request.set_resource(resource);
    return stub_->GetUserPermissions(&context, request, &permissions);
  };
  auth::v1::UserPermissions permissions;
  ASSERT_TRUE(get("u-1", "", permissions).ok());
  EXPECT_EQ(permissions.by_resource_size(), 2);
  EXPECT_TRUE(permissions.by_resource().at("invoices").admin());
  ASSERT_TRUE(get("u-1", "recordings", permissions).ok());
  EXPECT_EQ(permissions.by_resource_size(), 1);
  ASSERT_TRUE(get("u-1", "nothing", permissions).ok());
  EXPECT_EQ(permissions.by_resource_size(), 0);
  const auto status = get("u-9", "", permissions);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "u-9");
}

}  // namespace
}  // namespace puente::examples
