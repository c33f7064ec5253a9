#include "router/cli/run_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace troupe::cli {
namespace {

class RunFolder : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("TROUPE_ROUTER");
    setenv("XDG_RUNTIME_DIR", base_.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("TROUPE_ROUTER");
  }
  const TempFolder folder_;
  const std::filesystem::path& base_ = folder_.path;
};

TEST_F(RunFolder, IsMadeForTheUserAlone) {
  const auto folder = DefaultRunFolder();
  EXPECT_EQ(folder, base_ / ("troupe-" + std::to_string(geteuid())));
  ASSERT_TRUE(SecureFolder(folder));
  struct stat info{};
  ASSERT_EQ(stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_TRUE(SecureFolder(folder));  // and taken as it is the next time
}

TEST_F(RunFolder, AFolderOpenToOthersOrALinkIsRefused) {
  const auto folder = DefaultRunFolder();
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  chmod(folder.c_str(), 0755);
  EXPECT_EQ(SecureFolder(folder).error().code, Code::kFailedPrecondition);
  EXPECT_FALSE(RouterAddress(""));
  std::filesystem::remove(folder);
  std::filesystem::create_directory_symlink(base_, folder);
  EXPECT_FALSE(SecureFolder(folder));
}

TEST_F(RunFolder, FlagThenVariableThenSocket) {
  EXPECT_EQ(RouterAddress("host:1").value(), "host:1");
  EXPECT_EQ(RouterAddress("").value(), "unix:" + (DefaultRunFolder() / "router.sock").string());
  setenv("TROUPE_ROUTER", "host:2", 1);
  EXPECT_EQ(RouterAddress("").value(), "host:2");
  EXPECT_EQ(RouterAddress("host:1").value(), "host:1");
}

TEST_F(RunFolder, CommandsThatAreShownNameTheRouterOnlyWhereItIsNotTheOneFoundWithout) {
  const std::string usual = RouterAddress("").value();
  EXPECT_EQ(RouterFlagFor(usual), "");
  EXPECT_EQ(RouterFlagFor("host:1"), "host:1");
  setenv("TROUPE_ROUTER", "host:1", 1);
  EXPECT_EQ(RouterFlagFor("host:1"), "");
  EXPECT_EQ(RouterFlagFor(usual), usual);
}

TEST_F(RunFolder, ASocketPathThatIsTooLongIsSaid) {
  EXPECT_TRUE(UnixAddress("/tmp/x.sock"));
  const auto address = UnixAddress("/tmp/" + std::string(120, 'x'));
  ASSERT_FALSE(address);
  EXPECT_NE(address.error().message.find("107 bytes"), std::string::npos);
  EXPECT_EQ(SocketPathOf("unix:///a/b"), "/a/b");
  EXPECT_EQ(SocketPathOf("unix:/a/b"), "/a/b");
  EXPECT_EQ(SocketPathOf("host:1"), "");
}

}  // namespace
}  // namespace troupe::cli
