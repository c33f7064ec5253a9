#include "router/dispatch/replica_list.h"

#include <gtest/gtest.h>

namespace troupe::dispatch {
namespace {

TEST(ReplicaList, ReadsEntries) {
  const auto list =
      ParseReplicaList(R"([{"graph": "g", "agent": "a", "replica": "a-0", "address": "unix:/x"}])", "agents.json");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->at(0), (ReplicaEntry{"g", "a", "a-0", "unix:/x"}));
}

TEST(ReplicaList, KnowsWhoTakesWhatSpills) {
  const auto list = ParseReplicaList(
      R"([{"graph": "g", "agent": "a", "replica": "a.big-0", "address": "unix:/x", "spill": 1}])", "agents.json");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->at(0).spill, 1);
}

TEST(ReplicaList, SaysWhichEntryIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "must be a list"},
      {"[1]", "entry 1"},
      {R"([{"graph": "g", "agent": "a", "replica": "a-0"}])", "\"address\""},
      {R"([{"graph": "g", "agent": 1, "replica": "a-0", "address": "x"}])", "\"agent\""},
      {R"([{"graph":"g","agent":"a","replica":"r","address":"x"},{"graph":"g","agent":"a","replica":"r","address":"y"}])",
       "entry 2"},
      {R"([{"graph":"g","agent":"a","replica":"r","address":"x","spill":-1}])", "\"spill\" must be"},
      {R"([{"graph":"g","agent":"a","replica":"r","address":"x","spill":"big"}])", "\"spill\" must be"},
      {"[", "agents.json"},
  };
  for (const auto& [text, expected] : cases) {
    const auto list = ParseReplicaList(text, "agents.json");
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, Code::kInvalidArgument);
    EXPECT_NE(list.error().message.find(expected), std::string::npos) << list.error().message;
    EXPECT_NE(list.error().message.find("agents.json"), std::string::npos);
  }
}

}  // namespace
}  // namespace troupe::dispatch
