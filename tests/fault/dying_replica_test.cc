// A replica that dies after 30 tokens of a step: the other one goes on after what was said, and whoever watches hears
// every word once.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "router/cli/client.h"
#include "tests/fault/company.h"
#include "tests/fault/own_company.h"

namespace troupe::fault {
namespace {

constexpr int kTokensBefore = 30;

struct Heard {
  std::string text;
  v1::StepDone done;
  bool ended = false;
};

class DyingReplica : public OwnCompanyTest {
 protected:
  std::string Submit(cli::Client& client) {
    v1::SubmitRequest request;
    request.set_graph("talk");
    request.set_input_json(R"({"message":"go"})");
    std::string task_id;
    EXPECT_TRUE(Eventually("a task is taken in", [&] {
      const auto response = client.Submit(request);
      if (response) task_id = response->task_id();
      return Poll() && response.has_value();
    }));
    return task_id;
  }

  // Follows a task to its end, at most for kLimit; calls `after_thirty` once so many tokens have been heard.
  Heard Follow(cli::Client& client, const std::function<void()>& after_thirty) {
    v1::WatchRequest request;
    request.set_task_id(Submit(client));
    request.set_detail(v1::DETAIL_TEXT);
    const auto stream = client.Watch(request);
    Heard heard;
    bool was_called = false;
    const auto limit = std::chrono::steady_clock::now() + kLimit;
    while (!heard.ended && std::chrono::steady_clock::now() < limit) {
      Poll();
      v1::Record record;
      const auto state = stream->Poll(std::chrono::milliseconds(20), record);
      heard.ended = state == cli::StreamState::kEnded;
      if (state != cli::StreamState::kRecord) continue;
      if (record.event().has_step_progress()) heard.text += record.event().step_progress().text();
      if (record.event().has_step_done()) heard.done = record.event().step_done();
      if (was_called || std::count(heard.text.begin(), heard.text.end(), ' ') < kTokensBefore) continue;
      was_called = true;
      after_thirty();
    }
    EXPECT_TRUE(heard.ended) << "no end of the task within the limit\n" << RouterLog();
    EXPECT_TRUE(was_called) << heard.text;
    return heard;
  }
};

TEST_F(DyingReplica, AnotherOneGoesOnAfterThirtyTokensAndNothingIsSaidTwice) {
  Start("tests/fault/dying_replica.yaml");
  cli::Client client(address());
  // given what is said when nobody dies
  const Heard calm = Follow(client, [] {});
  // when each is killed in one run: which of them works is the router's choice
  int hits = 0;
  for (const std::string victim : {"talk.talker-0", "talk.talker-1"}) {
    SCOPED_TRACE(victim);
    const Heard heard = Follow(client, [&] {
      const pid_t pid = PidOf(victim);
      ASSERT_GT(pid, 0);
      kill(pid, SIGKILL);
    });
    // then every word came once, in order, in one attempt
    EXPECT_EQ(heard.text, calm.text);
    EXPECT_EQ(heard.done.output().json(), calm.done.output().json());
    EXPECT_EQ(heard.done.attempt(), 1);
    const v1::WorkSite& site = heard.done.site();
    if (site.reason().find("sent again") == std::string::npos) continue;
    ++hits;
    EXPECT_NE("talk." + site.replica(), victim);
  }
  EXPECT_GE(hits, 1) << "nobody who was killed was at work";
}

}  // namespace
}  // namespace troupe::fault
