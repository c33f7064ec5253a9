#include "router/cli/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace troupe::cli {
namespace {

class Process : public testing::Test {
 protected:
  void SetUp() override {
    log_ = testing::TempDir() + "/process_test_" + std::to_string(getpid()) + ".log";
    std::filesystem::remove(log_);
  }
  // Runs a shell script to its end; its wait status.
  int Run(const std::string& script, std::vector<int> cores = {}) {
    auto pid = Spawn({"sh", {"/bin/sh", "-c", script}, log_, std::move(cores)});
    EXPECT_TRUE(pid);
    int status = -1;
    waitpid(*pid, &status, 0);
    return status;
  }
  std::string log_;
};

TEST_F(Process, WritesBothStreamsToItsLog) {
  EXPECT_EQ(DescribeExit(Run("echo out; echo err >&2; exit 3")), "exited with code 3");
  EXPECT_EQ(TailOf(log_, 5), (std::vector<std::string>{"out", "err"}));
  EXPECT_EQ(TailOf(log_, 1), (std::vector<std::string>{"err"}));
}

TEST_F(Process, LeadsItsOwnGroupAndHasNoInput) {
  Run("read line || echo no input; ps -o pid= -o pgid= -p $$ 2>/dev/null || awk '{print $1, $5}' /proc/$$/stat");
  const auto lines = TailOf(log_, 5);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "no input");
  std::istringstream ids(lines[1]);
  int pid = 0, group = 1;
  ids >> pid >> group;
  EXPECT_EQ(pid, group);
}

TEST_F(Process, ABinaryThatIsNotThereIsSaid) {
  const auto pid = Spawn({"ghost", {"/no/such/binary"}, log_, {}});
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, Code::kNotFound);
  EXPECT_NE(pid.error().message.find("/no/such/binary"), std::string::npos);
}

TEST_F(Process, ASignalIsNamed) { EXPECT_EQ(DescribeExit(Run("kill -9 $$")), "was killed by signal 9 (Killed)"); }

TEST_F(Process, TheTailOfALongLogBeginsWithAWholeLine) {
  std::ofstream file(log_);
  for (int i = 0; i < 2000; ++i) file << "line number " << i << "\n";
  file.close();
  const auto tail = TailOf(log_, 1000);
  ASSERT_FALSE(tail.empty());
  EXPECT_TRUE(tail.front().starts_with("line number "));
  EXPECT_EQ(tail.back(), "line number 1999");
  EXPECT_LT(tail.size(), 400u);
}

}  // namespace
}  // namespace troupe::cli
