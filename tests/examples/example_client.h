// What the tests of the example services share.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "examples/services/example_server.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace puente::examples {

// The services on a port of their own, and a channel to them.
class ServicesTest : public testing::Test {
 protected:
  ServicesTest() {
    EXPECT_TRUE(server_.Start().has_value());
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    channel_ =
        grpc::CreateCustomChannel(server_.target(), grpc::InsecureChannelCredentials(), arguments);
  }

  ExampleServer server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// The only detail of `status`, which must be a T and go with the same code and message.
template <class T>
T DetailOf(const grpc::Status& status) {
  google::rpc::Status full;
  EXPECT_TRUE(full.ParseFromString(status.error_details()));
  EXPECT_EQ(full.code(), status.error_code());
  EXPECT_EQ(full.message(), status.error_message());
  T detail;
  EXPECT_EQ(full.details_size(), 1);
  EXPECT_TRUE(full.details_size() == 1 && full.details(0).UnpackTo(&detail));
  return detail;
}

// "field, field" of a google.rpc.BadRequest.
inline std::string FieldsOf(const grpc::Status& status) {
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  std::string fields;
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  for (const auto& violation : bad_request.field_violations()) {
    fields += (fields.empty() ? "" : ", ") + violation.field();
  }
  return fields;
}

}  // namespace puente::examples
