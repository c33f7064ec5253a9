// The tasks of a golden journal: one of each way that a task can go, played through the real core with answers that
// never change, so that every release can write the same story in its own format.
#pragma once

#include <vector>

#include "router/core/core.h"
#include "router/journal/journal.h"

namespace troupe::journal {

struct Story {
  GraphRow graph;
  // How it became current: a serialised troupe.v1.GraphEvent.
  std::string graph_event;
  struct Task {
    NewTask row;
    std::vector<core::Record> records;
    core::TaskState state;
  };
  std::vector<Task> tasks;
};

Story TellStory();

// What a state is, for comparing with a file beside the journal: every field that people and steps can see, long
// texts by their digest.
Value StateToJson(const core::TaskState& state);

}  // namespace troupe::journal
