// Real file systems that refuse: a small one that is full, and one that is read-only. Needs root, for mounting; skipped
// where that is not given.
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "tests/support/eventually.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

class Disk : public RouterTest {
 protected:
  ~Disk() override {
    router_.reset();
    if (mounted_) umount2(data().c_str(), MNT_DETACH);
  }
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.journal.retry_ms = 10;
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_.push_back(line);
    };
    return options;
  }
  std::filesystem::path data() const { return folder_ / "data"; }
  // False where this user may not mount.
  bool Mount(const char* source, const char* type, unsigned long flags, const char* options) {
    std::filesystem::create_directories(data());
    mounted_ = mount(source, data().c_str(), type, flags, options) == 0;
    return mounted_;
  }
  int LinesWith(const std::string& text) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const std::string& line : log_) count += line.find(text) != std::string::npos ? 1 : 0;
    return count;
  }

  bool mounted_ = false;
  std::mutex mutex_;
  std::vector<std::string> log_;
};

TEST_F(Disk, AFullOneDelaysAndLosesNothing) {
  if (!Mount("tmpfs", "tmpfs", 0, "size=6m")) GTEST_SKIP() << "cannot mount a tmpfs: " << std::strerror(errno);
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a disk that something else fills up
  std::vector<std::string> accepted = {MustSubmit()};
  {
    std::ofstream ballast(data() / "ballast", std::ios::binary);
    for (int i = 0; i < 6000 && ballast.flush(); ++i) ballast << std::string(1024, 'x');
  }
  // when tasks come until one is refused
  grpc::Status refused;
  for (int i = 0; i < 2000 && refused.ok(); ++i) {
    grpc::ClientContext context;
    // one that is taken in while the disk fills is answered only when it is on disk
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    v1::SubmitResponse response;
    const grpc::Status status = tasks_->Submit(&context, Request(std::string(20'000, 'x')), &response);
    if (status.ok()) accepted.push_back(response.task_id());
    if (status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) refused = status;
  }
  // then it is told why
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE) << refused.error_message();
  EXPECT_NE(refused.error_message().find("full"), std::string::npos) << refused.error_message();
  EXPECT_EQ(LinesWith("cannot be written"), 1);
  // and once there is room all goes on: every task that was taken in ends, none has a gap
  std::filesystem::remove(data() / "ballast");
  for (const std::string& task_id : accepted) ExpectNoGap(Watch(task_id));
  EXPECT_TRUE(Eventually("the log says so", [&] { return LinesWith("written again") > 0; }));
  EXPECT_EQ(LinesWith("written again"), 1);
  ExpectNoGap(Watch(MustSubmit()));
  std::printf("%zu tasks taken in before the disk was full\n", accepted.size());
}

TEST_F(Disk, AReadOnlyOneIsRefusedAtTheStart) {
  // given a journal that is there, on a file system that is read-only now
  StartRouter();
  router_.reset();
  const std::string there = data().string();
  if (!Mount(there.c_str(), nullptr, MS_BIND, nullptr) ||
      mount(nullptr, there.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
    GTEST_SKIP() << "cannot mount: " << std::strerror(errno);
  }
  // when a router is started, then it refuses with the reason
  const auto router = Router::Start(Options());
  ASSERT_FALSE(router);
  EXPECT_EQ(router.error().code, Code::kPermissionDenied) << router.error().message;
  EXPECT_NE(router.error().message.find(there), std::string::npos) << router.error().message;
  EXPECT_NE(router.error().message.find("Read-only"), std::string::npos) << router.error().message;
}

}  // namespace
}  // namespace troupe::gateway
