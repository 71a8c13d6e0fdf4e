#include "proxy/telemetry/access_log/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "config/load_config.h"
#include "proxy/telemetry/metrics/metrics.h"
#include "tests/proxy/logged_lines.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace puente {
namespace {

using test::LoggedLines;
using test::TempDir;
using test::WaitUntil;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t LinesOf(const std::string& path) {
  return static_cast<std::size_t>(std::ranges::count(ContentOf(path), '\n'));
}

AccessLogEntry EntryWith(std::string_view id) {
  return {.request_id = id, .method = "GET", .route = "/v1/invoices/{id}", .status = 200};
}

// A log and the counter of what it drops.
class AccessLogTest : public testing::Test {
 protected:
  void Open(const std::string& path) {
    auto file = AccessLogFile::Open(path);
    ASSERT_TRUE(file) << file.error();
    log_.emplace(*std::move(file), config::AccessLog::FORMAT_JSON, metrics_.access_log_dropped);
  }
  // Ends the log, as its destructor does.
  void Close() { log_.reset(); }

  double Dropped() const { return metrics_.access_log_dropped.Value(); }

  TempDir dir_;
  const std::string path_ = dir_.File("access.log");
  Metrics metrics_;
  std::optional<AccessLog> log_;
};

TEST_F(AccessLogTest, LinesAreWrittenSoonAndInOrder) {
  Open(path_);
  AccessLogBuffer& buffer = log_->AddBuffer();
  for (const char* id : {"a", "b", "c"}) buffer.Append(EntryWith(id));
  ASSERT_TRUE(WaitUntil([&] { return LinesOf(path_) == 3; }));
  const std::string text = ContentOf(path_);
  EXPECT_LT(text.find(R"("request_id":"a")"), text.find(R"("request_id":"b")"));
  EXPECT_LT(text.find(R"("request_id":"b")"), text.find(R"("request_id":"c")"));
  EXPECT_EQ(Dropped(), 0);
}

TEST_F(AccessLogTest, EndsOnlyWhenAllIsWritten) {
  Open(path_);
  AccessLogBuffer& one = log_->AddBuffer();
  AccessLogBuffer& another = log_->AddBuffer();
  for (int i = 0; i < 50; ++i) {
    one.Append(EntryWith("one"));
    another.Append(EntryWith("another"));
  }
  Close();
  EXPECT_EQ(LinesOf(path_), 100u);
}

TEST_F(AccessLogTest, LinesOfManyWorkersStayWhole) {
  constexpr int kWorkers = 4;
  constexpr int kLines = 5000;
  Open(path_);
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&buffer = log_->AddBuffer(), worker] {
      for (int i = 0; i < kLines; ++i) buffer.Append(EntryWith(fmt::format("{}-{}", worker, i)));
    });
  }
  for (auto& worker : workers) worker.join();
  Close();
  std::map<std::string, int> seen;
  std::istringstream text(ContentOf(path_));
  for (std::string line; std::getline(text, line);) {
    ASSERT_TRUE(line.starts_with("{\"ts\":\"") && line.ends_with("}")) << line;
    const std::size_t id = line.find("\"request_id\":\"");
    ASSERT_NE(id, std::string::npos) << line;
    ++seen[line.substr(id + 14, line.find('"', id + 14) - id - 14)];
  }
  EXPECT_EQ(seen.size() + static_cast<std::size_t>(Dropped()), kWorkers * kLines);
  EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& id) { return id.second == 1; }));
}

TEST_F(AccessLogTest, AFileThatIsMovedAwayIsOpenedAnew) {
  Open(path_);
  AccessLogBuffer& buffer = log_->AddBuffer();
  buffer.Append(EntryWith("before"));
  ASSERT_TRUE(WaitUntil([&] { return LinesOf(path_) == 1; }));
  std::filesystem::rename(path_, path_ + ".1");
  ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(path_); }));
  buffer.Append(EntryWith("after"));
  Close();
  EXPECT_THAT(ContentOf(path_ + ".1"), HasSubstr("\"before\""));
  EXPECT_THAT(ContentOf(path_), HasSubstr("\"after\""));
  EXPECT_EQ(LinesOf(path_), 1u);
}

// A reader of a pipe that does not read: the writer waits, the workers do not.
TEST_F(AccessLogTest, LinesThatComeFasterThanTheyAreTakenAreDroppedAndCounted) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  Open(path_);
  AccessLogBuffer& buffer = log_->AddBuffer();
  const std::string id(128, 'i');
  std::size_t appended = 0;
  for (; Dropped() == 0; ++appended) {
    ASSERT_LT(appended * id.size(), 4 * AccessLogBuffer::kMost);
    buffer.Append(EntryWith(id));
  }

  std::string taken;
  std::thread drain([&] {
    ::fcntl(reader, F_SETFL, 0);
    char bytes[65536];
    for (ssize_t count = 0; (count = ::read(reader, bytes, sizeof bytes)) > 0;) {
      taken.append(bytes, static_cast<std::size_t>(count));
    }
  });
  Close();
  drain.join();
  ::close(reader);
  EXPECT_EQ(static_cast<double>(std::ranges::count(taken, '\n')) + Dropped(), appended);
  EXPECT_TRUE(taken.ends_with("}\n"));
}

TEST_F(AccessLogTest, LinesThatCannotBeWrittenAreCountedAndToldOnce) {
  const LoggedLines logged;
  Open("/dev/full");
  AccessLogBuffer& buffer = log_->AddBuffer();
  for (int i = 1; i <= 3; ++i) {
    buffer.Append(EntryWith("a"));
    ASSERT_TRUE(WaitUntil([&] { return Dropped() == i; }));
  }
  Close();
  EXPECT_THAT(
      logged.Get(),
      ElementsAre(HasSubstr("access log /dev/full: No space left on device; lines dropped: 1")));
}

TEST_F(AccessLogTest, AFileThatCannotBeOpenedAnewIsTold) {
  const LoggedLines logged;
  std::filesystem::create_directory(dir_.File("logs"));
  Open(dir_.File("logs/access.log"));
  AccessLogBuffer& buffer = log_->AddBuffer();
  std::filesystem::rename(dir_.File("logs"), dir_.File("old"));
  ASSERT_TRUE(WaitUntil([&] { return !logged.Get().empty(); }));
  buffer.Append(EntryWith("kept"));
  Close();
  EXPECT_THAT(logged.Get(), ElementsAre(AllOf(HasSubstr("can't be opened anew"),
                                              HasSubstr("No such file or directory"))));
  EXPECT_EQ(LinesOf(dir_.File("old/access.log")), 1u);
}

LoadedConfig ConfigWith(const std::string& telemetry) {
  const std::string yaml = fmt::format(
      "listeners: [{{address: '127.0.0.1:8080'}}]\n"
      "descriptors: {{files: [api.pb]}}\n"
      "upstreams: [{{name: b, grpc: {{target: 'b:1'}}}}]\n"
      "{}\n",
      telemetry);
  return ParseConfig(yaml, "/f.yaml", [](std::string_view) { return std::nullopt; }).loaded;
}

std::vector<std::string> TextsOf(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(ToString(problem));
  return texts;
}

TEST_F(AccessLogTest, IsOpenedOnlyWhenTheConfigurationAsksForIt) {
  std::vector<Problem> problems;
  auto& dropped = metrics_.access_log_dropped;
  EXPECT_EQ(OpenAccessLog(ConfigWith("workers: 1"), dropped, problems), nullptr);
  EXPECT_NE(OpenAccessLog(ConfigWith("telemetry: {access_log: {}}"), dropped, problems), nullptr);
  const LoadedConfig to_file =
      ConfigWith(fmt::format("telemetry: {{access_log: {{path: {}}}}}", path_));
  CheckAccessLog(to_file, problems);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_NE(OpenAccessLog(to_file, dropped, problems), nullptr);
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_THAT(TextsOf(problems), IsEmpty());
}

TEST_F(AccessLogTest, ThatCannotBeOpenedIsAProblemAtItsLine) {
  const LoadedConfig loaded =
      ConfigWith("telemetry:\n  access_log:\n    path: /no/such/folder/access.log");
  const std::string problem =
      "/f.yaml:6:5: telemetry.access_log.path: can't write to /no/such/folder/access.log: No such "
      "file or directory";
  std::vector<Problem> opened;
  EXPECT_EQ(OpenAccessLog(loaded, metrics_.access_log_dropped, opened), nullptr);
  EXPECT_THAT(TextsOf(opened), ElementsAre(problem));
  std::vector<Problem> checked;
  CheckAccessLog(loaded, checked);
  EXPECT_THAT(TextsOf(checked), ElementsAre(problem));
}

}  // namespace
}  // namespace puente
