// A host that falls silent without closing a connection: the router's end stays open and hears nothing. In a network of
// its own, where a route that leads nowhere swallows every packet; skipped where the system allows none.
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

// For this thread and those it starts from now on. Says why not.
std::string EnterOwnNetwork() {
  if (unshare(CLONE_NEWNET) != 0) return std::string("no network of its own: ") + std::strerror(errno);
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq loopback{};
  std::strncpy(loopback.ifr_name, "lo", sizeof loopback.ifr_name - 1);
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool is_up = ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
  close(any);
  if (!is_up) return std::string("its network cannot be started: ") + std::strerror(errno);
  if (std::system("ip -Version >/dev/null 2>&1") != 0) return "there is no program 'ip' (iproute2)";
  return "";
}

class HalfOpen : public RouterTest {
 protected:
  static void SetUpTestSuite() { why_not_ = EnterOwnNetwork(); }
  void SetUp() override {
    if (!why_not_.empty()) GTEST_SKIP() << why_not_;
    std::ofstream(folder_ / "agents.json")
        << R"([{"graph":"pair","agent":"first","replica":"first-0","address":"127.0.0.2:7001"},)"
        << R"({"graph":"pair","agent":"first","replica":"first-1","address":"127.0.0.3:7001"},)"
        << R"({"graph":"pair","agent":"second","replica":"second-0","address":")" << Socket("second-0") << R"("}])";
  }
  // Nothing reaches that address any more; what it sends arrives still.
  static void Silence(const std::string& address) {
    ASSERT_EQ(std::system(("ip route add blackhole " + address + "/32 table local").c_str()), 0);
  }

  inline static std::string why_not_;
};

// Follows a task on a thread of its own.
class Watcher {
 public:
  Watcher(v1::TaskService::Stub& tasks, const std::string& task_id) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(v1::DETAIL_TEXT);
    reader_ = tasks.Watch(&context_, request);
    thread_ = std::thread([this] { Read(); });
  }
  ~Watcher() {
    context_.TryCancel();
    if (thread_.joinable()) thread_.join();
  }
  std::string said() {
    const std::lock_guard lock(mutex_);
    return said_;
  }
  // Once the task has ended.
  const std::vector<v1::Record>& WaitForAll() {
    thread_.join();
    return seen_;
  }

 private:
  void Read() {
    for (v1::WatchResponse response; reader_->Read(&response);) {
      const std::lock_guard lock(mutex_);
      said_ += response.record().event().step_progress().text();
      seen_.push_back(response.record());
    }
    EXPECT_TRUE(reader_->Finish().ok());
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  std::mutex mutex_;
  std::string said_;
  std::vector<v1::Record> seen_;
  std::thread thread_;
};

TEST_F(HalfOpen, AStepAtAHostThatFallsSilentGoesOnAtAnother) {
  FakeAgent left("first", "127.0.0.2:7001"), right("first", "127.0.0.3:7001"),
      second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a step that has said something, and whoever watches has heard it
  const std::string task_id = MustSubmit();
  Watcher watcher(*tasks_, task_id);
  ASSERT_TRUE(Eventually("a replica has the step", [&] { return left.started() + right.started() == 1; }));
  const bool at_left = left.started() == 1;
  FakeAgent& silent = at_left ? left : right;
  FakeAgent& other = at_left ? right : left;
  const FakeAgent::WorkPtr work = silent.Next();
  ASSERT_TRUE(work);
  work->Say("one ");
  ASSERT_TRUE(Eventually("it is heard", [&] { return watcher.said() == "one "; }));
  // when its host falls silent
  Silence(at_left ? "127.0.0.2" : "127.0.0.3");
  // then the other replica is handed the same piece of work, with what was said: pings tell, within a minute
  ASSERT_TRUE(Eventually("the other one has it", [&] { return other.started() == 1; }, std::chrono::seconds(60)));
  const FakeAgent::WorkPtr again = other.Next();
  EXPECT_EQ(again->start().idempotency_key(), work->start().idempotency_key());
  EXPECT_EQ(again->start().committed_text(), "one ");
  again->Say("two");
  again->Done(R"({"text":"one two"})");
  ExpectNoGap(watcher.WaitForAll());
  EXPECT_EQ(watcher.said(), "one two");
  EXPECT_EQ(Get(task_id).task().state(), v1::TASK_STATE_DONE);
}

}  // namespace
}  // namespace troupe::gateway
