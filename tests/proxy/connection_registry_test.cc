#include "proxy/http/connection_registry.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

namespace puente {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST(ConnectionRegistry, SweepsUntilItIsStopped) {
  asio::io_context context;
  ConnectionRegistry registry(context);
  registry.StartSweeping();
  context.run_for(250ms);
  EXPECT_FALSE(context.stopped());
  registry.StopSweeping();
  context.run_for(5s);
  EXPECT_TRUE(context.stopped());
}

TEST(ConnectionRegistry, StopsAlsoWhenASweepIsAlreadyDue) {
  asio::io_context context;
  ConnectionRegistry registry(context);
  registry.StartSweeping();
  asio::post(context, [&] {
    const auto due = steady_clock::now() + 150ms;
    while (steady_clock::now() < due) continue;
    asio::post(context, [&] { registry.StopSweeping(); });
  });
  context.run_for(5s);
  EXPECT_TRUE(context.stopped());
}

}  // namespace
}  // namespace puente
