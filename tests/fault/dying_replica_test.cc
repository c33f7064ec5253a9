// A replica that dies after 30 tokens of a step: the other one goes on after what was said, and whoever watches hears
// every word once.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "tests/fault/company.h"
#include "tests/fault/load.h"
#include "tests/fault/own_company.h"

namespace troupe::fault {
namespace {

using DyingReplica = OwnCompanyTest;

int64_t Words(const std::string& text) { return std::count(text.begin(), text.end(), ' '); }

// Follows a task, and does something once 30 tokens have been said. Gives the step's end.
v1::StepDone FollowAndHit(cli::Client& client, const std::string& task_id, const std::function<void()>& hit,
                          std::string& said) {
  v1::StepDone done;
  v1::WatchRequest request;
  request.set_task_id(task_id);
  request.set_detail(v1::DETAIL_TEXT);
  const auto stream = client.Watch(request);
  bool was_hit = false;
  v1::Record record;
  for (auto state = cli::StreamState::kQuiet; state != cli::StreamState::kEnded;) {
    state = stream->Poll(std::chrono::milliseconds(50), record);
    if (state != cli::StreamState::kRecord) continue;
    if (record.event().has_step_progress()) said += record.event().step_progress().text();
    if (record.event().has_step_done()) done = record.event().step_done();
    if (!was_hit && Words(said) >= 30) hit();
    was_hit = was_hit || Words(said) >= 30;
  }
  EXPECT_TRUE(was_hit);
  return done;
}

TEST_F(DyingReplica, AnotherOneGoesOnAfterThirtyTokensAndNothingIsSaidTwice) {
  Start("tests/fault/dying_replica.yaml");
  cli::Client client(address());
  v1::SubmitRequest request;
  request.set_graph("load");
  request.set_input_json(R"({"message":"go"})");
  std::string task_id;
  ASSERT_TRUE(Eventually("a task is taken in", [&] {
    const auto response = client.Submit(request);
    if (response) task_id = response->task_id();
    return Poll() && response.has_value();
  }));
  // given who says it when nobody dies: the first task tells the replica that is asked first
  std::string whole;
  const v1::StepDone calm = FollowAndHit(client, task_id, [] {}, whole);
  // when both may have it: the one that works is whichever has not said anything lately, so each is killed in one run
  int hits = 0;
  for (const std::string victim : {"talker-0", "talker-1"}) {
    SCOPED_TRACE(victim);
    const auto response = client.Submit(request);
    ASSERT_TRUE(response) << response.error().message;
    std::string said;
    const v1::StepDone done = FollowAndHit(client, response->task_id(), [&] { kill(PidOf(victim), SIGKILL); }, said);
    std::printf("killed %s; said by %s: %s\n", victim.c_str(), done.site().replica().c_str(),
                done.site().reason().c_str());
    // then every word came once, in order
    EXPECT_EQ(said, whole);
    EXPECT_EQ(done.output().json(), calm.output().json());
    EXPECT_EQ(done.attempt(), 1);
    const bool was_hit = done.site().reason().find("sent again") != std::string::npos;
    EXPECT_TRUE(!was_hit || done.site().replica() != victim);
    hits += was_hit ? 1 : 0;
    Poll();
  }
  EXPECT_GE(hits, 1) << "nobody who was killed was at work";
}

}  // namespace
}  // namespace troupe::fault
