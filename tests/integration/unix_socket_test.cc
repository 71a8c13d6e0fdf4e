// A listener on a Unix socket (design section 3).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "tests/integration/invoice_proxy.h"
#include "tests/support/temp_dir.h"

namespace puente::test {
namespace {

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

// All that is answered to `request`, up to the close; "" when nobody listens.
std::string Ask(const std::string& path, const std::string& request) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_un address = AddressOf(path);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char bytes[4096];
    ssize_t received = 0;
    while ((received = ::recv(fd, bytes, sizeof bytes, 0)) > 0) {
      answer.append(bytes, static_cast<std::size_t>(received));
    }
  }
  ::close(fd);
  return answer;
}

// A socket file as a process that was killed leaves it behind.
void LeaveStaleSocket(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(path);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
}

constexpr char kRequest[] =
    "GET /v1/invoices/7 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

class UnixSocketTest : public testing::Test {
 protected:
  std::string Listener() const {
    return fmt::format("{{name: local, address: \"unix:{}\"}}", path_);
  }

  TempDir dir_;
  const std::string path_ = dir_.File("puente.sock");
};

TEST_F(UnixSocketTest, IsServedLikeAnyOther) {
  InvoiceProxy under_test({}, Listener());
  const std::string answer = Ask(path_, kRequest);
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n{\"id\":\"7\"}"));
  const auto call = under_test.upstream.Calls().front();
  EXPECT_EQ(FindMetadata(call.metadata, "x-forwarded-host"), "localhost");
  EXPECT_THAT(Ask(path_, "GET / HTTP/1.1\r\n\r\n"), testing::StartsWith("HTTP/1.1 400 "));
}

TEST_F(UnixSocketTest, ItsFileGoesWithTheProxy) {
  {
    InvoiceProxy under_test({}, Listener());
    EXPECT_TRUE(std::filesystem::is_socket(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocketTest, AFileThatNobodyListensOnIsReplaced) {
  LeaveStaleSocket(path_);
  InvoiceProxy under_test({}, Listener());
  EXPECT_THAT(Ask(path_, kRequest), testing::StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(UnixSocketTest, AFileThatIsInUseIsLeftAlone) {
  InvoiceProxy first({}, Listener());
  EXPECT_THROW(InvoiceProxy({}, Listener()), std::runtime_error);
  EXPECT_THAT(Ask(path_, kRequest), testing::StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(UnixSocketTest, AFileThatIsNoSocketIsLeftAlone) {
  dir_.Write("puente.sock", "precious");
  EXPECT_THROW(InvoiceProxy({}, Listener()), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

TEST_F(UnixSocketTest, APathThatIsTooLongIsAProblem) {
  const std::string listener =
      fmt::format("{{name: local, address: \"unix:{}\"}}", std::string(200, 'a'));
  try {
    InvoiceProxy under_test({}, listener);
    ADD_FAILURE() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("listeners[0].address: "));
  }
}

}  // namespace
}  // namespace puente::test
