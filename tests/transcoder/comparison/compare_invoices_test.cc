// A service that moves from REST to gRPC: what its two answers may look like (the invoices of the
// examples, examples/protos/billing/v1/billing.proto).
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "descriptors/descriptor_set.h"
#include "tests/transcoder/comparison/comparison_text.h"

namespace puente {
namespace {

using testing::CompareBodies;
using testing::Ignoring;
using testing::ToText;

constexpr std::string_view kSchema = R"(
syntax = "proto3";
package billing.v1;
import "google/protobuf/timestamp.proto";
enum Status { STATUS_UNSPECIFIED = 0; STATUS_DRAFT = 1; STATUS_OPEN = 2; STATUS_PAID = 3; }
message Money { string currency = 1; int64 units = 2; int32 nanos = 3; }
message Line {
  string sku = 1; string description = 2; uint32 quantity = 3; Money price = 4;
  repeated string tags = 5;
}
message Invoice {
  string id = 1; string customer_id = 2; Status status = 3; Money total = 4;
  repeated Line lines = 5; google.protobuf.Timestamp created_at = 6; map<string, string> labels = 7;
  double discount = 8; bytes checksum = 9;
}
message ListInvoicesResponse { repeated Invoice invoices = 1; string next_page_token = 2; }
)";

std::shared_ptr<const DescriptorSet> BuildSchema() {
  google::protobuf::io::ArrayInputStream text(kSchema.data(), static_cast<int>(kSchema.size()));
  google::protobuf::io::Tokenizer tokenizer(&text, nullptr);
  google::protobuf::FileDescriptorSet files;
  if (!google::protobuf::compiler::Parser().Parse(&tokenizer, files.add_file())) {
    throw std::runtime_error("the schema does not parse");
  }
  files.mutable_file(0)->set_name("billing.proto");
  DescriptorSetBuilder builder;
  builder.AddBytes("billing.pb", files.SerializeAsString());
  return std::move(builder).Build().value();
}

const google::protobuf::Descriptor* TypeOf(const std::string& name) {
  static const auto schema = BuildSchema();
  return schema->pool().FindMessageTypeByName("billing.v1." + name);
}

// As Puente prints the answer of a gRPC service.
constexpr std::string_view kNew =
    R"({"id":"7","customerId":"ana","status":"STATUS_OPEN",)"
    R"("total":{"currency":"EUR","units":"2140","nanos":990000000},)"
    R"("lines":[{"sku":"A-1","description":"Café","quantity":2,)"
    R"("price":{"currency":"EUR","units":"1000"},"tags":["new"]},)"
    R"({"sku":"B-2","quantity":1,"price":{"currency":"EUR","units":"140","nanos":990000000}}],)"
    R"("createdAt":"2026-01-01T10:00:00.123456Z","labels":{"region":"eu","tier":"gold"},)"
    R"("discount":0.1,"checksum":"+/8="})";

// As a service of the old days may print it.
constexpr std::string_view kOld = R"({
  "checksum": "-_8", "created_at": "2026-01-01T11:00:00.123+01:00", "discount": 1e-1,
  "customer_id": "ana", "id": "7", "status": 2,
  "labels": {"tier": "gold", "region": "eu"},
  "lines": [
    {"description": "Caf\u00e9", "price": {"currency": "EUR", "nanos": 0, "units": 1000},
     "quantity": 2.0, "sku": "A-1", "tags": ["new"]},
    {"description": "", "price": {"currency": "EUR", "nanos": 990000000, "units": 140},
     "quantity": 1, "sku": "B-2", "tags": []}
  ],
  "total": {"currency": "EUR", "nanos": 990000000, "units": 2140}
})";

std::string Replace(std::string_view text, const std::string& what, const std::string& with) {
  std::string changed(text);
  const std::size_t at = changed.find(what);
  if (at == std::string::npos) throw std::runtime_error("no " + what);
  return changed.replace(at, what.size(), with);
}

TEST(CompareInvoices, SayTheSameInOtherWords) {
  EXPECT_EQ(ToText(CompareBodies(kOld, kNew, TypeOf("Invoice"))), "");
  EXPECT_EQ(ToText(CompareBodies(kNew, kOld, TypeOf("Invoice"))), "");
  EXPECT_NE(ToText(CompareBodies(kOld, kNew, {})), "") << "without the descriptor they differ";
}

struct Planted {
  std::string what, with, differences;
};

TEST(CompareInvoices, TellsWhatWasPlanted) {
  const std::vector<Planted> all = {
      {R"("id":"7")", R"("id":"8")", "id value"},
      {R"("id":"7")", R"("id":7)", "id type"},
      {R"("quantity":2)", R"("quantity":3)", "lines[].quantity value"},
      {R"("quantity":1)", R"("quantity":0)", "lines[].quantity value"},
      {R"("quantity":1,)", "", "lines[].quantity missing"},
      {R"("units":"1000")", R"("units":"1001")", "lines[].price.units value"},
      {R"("units":"140",)", R"("units":"140","cents":1,)", "lines[].price.cents extra"},
      {R"("tags":["new"])", R"("tags":["new","old"])", "lines[].tags[] extra"},
      {R"("tags":["new"])", R"("tags":["New"])", "lines[].tags[] value"},
      {R"("region":"eu")", R"("region":"us")", "labels[] value"},
      {R"("region":"eu")", R"("Region":"eu")", "labels[] missing, labels[] extra"},
      {R"("checksum":"+/8=")", R"("checksum":"+/A=")", "checksum value"},
      {"10:00:00.123456Z", "10:00:00.124456Z", "createdAt value"},
      {"STATUS_OPEN", "STATUS_PAID", "status value"},
      {R"("status":"STATUS_OPEN",)", "", "status missing"},
      {R"("discount":0.1)", R"("discount":0.10000001)", "discount value"},
      {R"("total":{"currency":"EUR","units":"2140","nanos":990000000})", R"("total":null)",
       "total missing"},
  };
  for (const Planted& planted : all) {
    const std::string shadow = Replace(kNew, planted.what, planted.with);
    EXPECT_EQ(ToText(CompareBodies(kOld, shadow, TypeOf("Invoice"))), planted.differences)
        << planted.with;
  }
}

TEST(CompareInvoices, FindsThemInLists) {
  const auto list = [](std::string_view invoice) {
    return fmt::format(R"({{"invoices":[{},{}],"nextPageToken":"x"}})", kOld, invoice);
  };
  const auto* type = TypeOf("ListInvoicesResponse");
  EXPECT_EQ(ToText(CompareBodies(list(kOld), list(kNew), type)), "");
  const std::string other = list(Replace(kNew, R"("quantity":2)", R"("quantity":3)"));
  EXPECT_EQ(ToText(CompareBodies(list(kOld), other, type)), "invoices[].lines[].quantity value");
  const std::string later = list(Replace(kNew, "2026-01", "2027-01"));
  EXPECT_EQ(ToText(CompareBodies(list(kOld), later, type)), "invoices[].createdAt value");
  EXPECT_EQ(ToText(CompareBodies(list(kOld), later, type, Ignoring({"createdAt"}))),
            "invoices[].createdAt value")
      << "a path begins at the top";
  EXPECT_EQ(ToText(CompareBodies(list(kOld), later, type, Ignoring({"invoices[].createdAt"}))), "");
}

}  // namespace
}  // namespace puente
