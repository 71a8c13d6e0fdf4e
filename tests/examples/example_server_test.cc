#include "examples/services/example_server.h"

#include "tests/examples/example_client.h"
#include "users/v1/users.grpc.pb.h"

namespace puente::examples {
namespace {

TEST_F(ServicesTest, KeepsItsPortAndWhatItHoldsOverARestart) {
  const auto stub = users::v1::UserService::NewStub(channel_);
  users::v1::DeleteUserRequest request;
  request.set_id("u-1");
  google::protobuf::Empty empty;
  grpc::ClientContext first;
  ASSERT_TRUE(stub->DeleteUser(&first, request, &empty).ok());

  const auto port = server_.port();
  server_.Stop();
  grpc::ClientContext stopped;
  EXPECT_EQ(stub->DeleteUser(&stopped, request, &empty).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  ASSERT_TRUE(server_.Start().has_value());
  EXPECT_EQ(server_.port(), port);
  grpc::ClientContext again;
  again.set_wait_for_ready(true);
  again.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  EXPECT_EQ(stub->DeleteUser(&again, request, &empty).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(ExampleServer, SaysWhyItCannotListen) {
  ExampleServer first;
  EXPECT_EQ(first.port(), 0);
  ASSERT_TRUE(first.Start().has_value());
  ExampleServer second(first.target());
  EXPECT_THAT(second.Start().error(), testing::HasSubstr(first.target()));
  ExampleServer nowhere("localhost");
  EXPECT_EQ(nowhere.Start().error(), "'localhost' is not of the form host:port");
}

}  // namespace
}  // namespace puente::examples
