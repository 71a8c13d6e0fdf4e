#include "examples/services/service_faults.h"

#include "billing/v1/billing.grpc.pb.h"
#include "examples/services/fault_control.h"
#include "tests/examples/example_client.h"
#include "tests/support/wait_until.h"

namespace puente::examples {
namespace {

using billing::v1::Invoice;
using std::chrono::milliseconds;
using testing::ElementsAre;

std::vector<bool> Failures(ServiceFaults& faults, int count) {
  std::vector<bool> failures;
  for (int i = 0; i < count; ++i) failures.push_back(faults.Next().fails);
  return failures;
}

TEST(ServiceFaults, FailsTheShareThatIsAskedFor) {
  for (const int percent : {0, 1, 25, 33, 50, 99, 100}) {
    ServiceFaults faults;
    faults.Set({.fail_percent = percent});
    const auto failures = Failures(faults, 300);
    EXPECT_EQ(std::ranges::count(failures, true), 3 * percent) << percent;
  }
}

TEST(ServiceFaults, SpreadsFailuresEvenly) {
  ServiceFaults faults;
  faults.Set({.fail_percent = 25});
  const std::vector<bool> every_fourth = {false, false, false, true, false, false, false, true};
  EXPECT_EQ(Failures(faults, 8), every_fourth);
  faults.Set({.fail_percent = 75});
  faults.Next();
  faults.Set({.fail_percent = 25});
  EXPECT_EQ(Failures(faults, 8), every_fourth);  // counted anew
}

TEST(ServiceFaults, TellsHowToFailAndHowLongToWait) {
  ServiceFaults faults;
  EXPECT_EQ(faults.plan(), FaultPlan());
  const FaultPlan plan{
      .fail_percent = 100, .fail_with = FailWith::kUnavailable, .delay = milliseconds(7)};
  faults.Set(plan);
  EXPECT_EQ(faults.plan(), plan);
  const Fault fault = faults.Next();
  EXPECT_TRUE(fault.fails);
  EXPECT_EQ(fault.fail_with, FailWith::kUnavailable);
  EXPECT_EQ(fault.delay, milliseconds(7));
}

Invoice TwoLines(const std::string& id) {
  Invoice invoice;
  invoice.set_id(id);
  invoice.add_lines()->set_quantity(4);
  invoice.add_lines()->set_quantity(9);
  return invoice;
}

TEST(ServiceFaults, PlantsADifferenceInSomeInvoicesOnly) {
  ServiceFaults faults;
  auto invoice = TwoLines("inv-1003");
  faults.Plant(invoice);
  EXPECT_EQ(invoice.lines(0).quantity(), 4U);
  faults.Set({.plant_difference = true});
  faults.Plant(invoice);
  EXPECT_EQ(invoice.lines(0).quantity(), 5U);
  EXPECT_EQ(invoice.lines(1).quantity(), 10U);
  for (const char* id : {"inv-1002", "inv-1031", ""}) {
    auto other = TwoLines(id);
    faults.Plant(other);
    EXPECT_EQ(other.lines(0).quantity(), 4U) << id;
  }
}

tl::expected<FaultOrder, std::string> ReadOrder(const std::string& query) {
  return ReadFaultOrder(ReadLegacyTarget("/demo/faults?" + query).value());
}

TEST(FaultControl, ReadsWhatIsAskedFor) {
  const auto all = ReadOrder(
      "service=grpc&fail_percent=50&fail_with=unavailable&delay_ms=250&plant_difference=true");
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->service, FaultOrder::Service::kGrpc);
  EXPECT_EQ(all->plan, (FaultPlan{50, FailWith::kUnavailable, milliseconds(250), true}));
  const auto none = ReadOrder("service=legacy&other=1");
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->service, FaultOrder::Service::kLegacy);
  EXPECT_EQ(none->plan, FaultPlan());
}

TEST(FaultControl, NamesTheParameterThatIsWrong) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "service must be given"},
      {"service=both", "service must be one of grpc, legacy"},
      {"service=grpc&fail_percent=101", "fail_percent must be a number from 0 to 100"},
      {"service=grpc&fail_percent=-1", "fail_percent must be a number from 0 to 100"},
      {"service=grpc&fail_percent=5x", "fail_percent must be a number from 0 to 100"},
      {"service=grpc&fail_with=500", "fail_with must be one of internal, unavailable"},
      {"service=grpc&delay_ms=60001", "delay_ms must be a number from 0 to 60000"},
      {"service=grpc&delay_ms=", "delay_ms must be a number from 0 to 60000"},
      {"service=grpc&plant_difference=1", "plant_difference must be one of false, true"},
  };
  for (const auto& [query, error] : kCases) {
    const auto order = ReadOrder(query);
    ASSERT_FALSE(order.has_value()) << query;
    EXPECT_EQ(order.error(), error) << query;
  }
}

class GrpcFaultsTest : public ServicesTest {
 protected:
  grpc::Status Get(Invoice& invoice, milliseconds timeout = test::kPatience) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    billing::v1::GetInvoiceRequest request;
    request.set_id("inv-1003");
    return stub_->GetInvoice(&context, request, &invoice);
  }

  std::vector<grpc::StatusCode> CodesOfAllMethods() {
    Invoice invoice;
    billing::v1::ListInvoicesResponse page;
    grpc::ClientContext create;
    grpc::ClientContext list;
    return {Get(invoice).error_code(), stub_->CreateInvoice(&create, {}, &invoice).error_code(),
            stub_->ListInvoices(&list, {}, &page).error_code(), Watch().error_code()};
  }

  grpc::Status Watch(std::vector<Invoice>* invoices = nullptr) {
    grpc::ClientContext context;
    const auto reader = stub_->WatchInvoices(&context, {});
    for (Invoice invoice; reader->Read(&invoice);) {
      if (invoices != nullptr) invoices->push_back(invoice);
    }
    return reader->Finish();
  }

  std::unique_ptr<billing::v1::BillingService::Stub> stub_ =
      billing::v1::BillingService::NewStub(channel_);
};

TEST_F(GrpcFaultsTest, EveryMethodFailsAsTold) {
  using enum grpc::StatusCode;
  server_.billing_faults().Set({.fail_percent = 100});
  EXPECT_THAT(CodesOfAllMethods(), ElementsAre(INTERNAL, INTERNAL, INTERNAL, INTERNAL));
  server_.billing_faults().Set({.fail_percent = 50, .fail_with = FailWith::kUnavailable});
  EXPECT_THAT(CodesOfAllMethods(), ElementsAre(OK, UNAVAILABLE, OK, UNAVAILABLE));
  server_.billing_faults().Set({});
  EXPECT_THAT(CodesOfAllMethods(), ElementsAre(OK, INVALID_ARGUMENT, OK, OK));
}

TEST_F(GrpcFaultsTest, WaitsBeforeItAnswers) {
  server_.billing_faults().Set({.delay = milliseconds(60)});
  const auto start = std::chrono::steady_clock::now();
  Invoice invoice;
  EXPECT_TRUE(Get(invoice).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(60));
}

TEST_F(GrpcFaultsTest, ACallThatIsCancelledWaitsNoLonger) {
  server_.billing_faults().Set({.delay = kMaxFaultDelay});
  Invoice invoice;
  EXPECT_EQ(Get(invoice, milliseconds(20)).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  const auto start = std::chrono::steady_clock::now();
  server_.Stop(kMaxFaultDelay);  // waits for the call, but need not
  EXPECT_LT(std::chrono::steady_clock::now() - start, test::kPatience);
}

TEST_F(GrpcFaultsTest, PlantsADifferenceWhereverTheInvoiceIsShown) {
  const auto quantities = [&] {
    Invoice invoice;
    EXPECT_TRUE(Get(invoice).ok());
    grpc::ClientContext context;
    billing::v1::ListInvoicesResponse page;
    EXPECT_TRUE(stub_->ListInvoices(&context, {}, &page).ok());
    std::vector<Invoice> watched;
    EXPECT_TRUE(Watch(&watched).ok());
    return std::vector{invoice.lines(0).quantity(), page.invoices(2).lines(0).quantity(),
                       watched.at(2).lines(0).quantity()};
  };
  server_.billing_faults().Set({.plant_difference = true});
  EXPECT_THAT(quantities(), ElementsAre(7, 7, 7));
  server_.billing_faults().Set({});
  EXPECT_THAT(quantities(), ElementsAre(6, 6, 6));  // the store was right all the time
}

}  // namespace
}  // namespace puente::examples
