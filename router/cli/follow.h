// Follows a task to its end and shows it: live on a terminal, plain lines elsewhere. A stream that breaks off (the
// router was started again) is resumed after the last record seen, without a gap or a repeat.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include "router/cli/client.h"
#include "router/cli/task_view.h"
#include "runtime/base/clock.h"

namespace troupe::cli {

enum class Show {
  kNothing,   // only wait
  kProgress,  // live screen or plain lines
  kRecords,   // every record as a line of JSON
};

enum class OnInterrupt {
  kLeave,   // stop following, the task goes on
  kCancel,  // ask the router to stop the task, wait for its end; a second one leaves
};

struct FollowOptions {
  Show show = Show::kProgress;
  std::FILE* stream = stderr;
  OnInterrupt on_interrupt = OnInterrupt::kLeave;
  // How long the router may be away before giving up.
  int64_t patience_ms = 60'000;
  // Called between waits, several times a second; an error ends the following. `up` looks after its processes here.
  std::function<Status()> tick;
};

// Hands a task in and follows it. `request.submit.request_id` must be set: it makes a resumed call the same task.
// The view holds the task's end. Errors: what the router said; CANCELLED where ctrl-C left it.
Result<TaskView> RunAndFollow(Client& client, const Clock& clock, v1::RunRequest request, const FollowOptions& options);

// Follows a task that exists, from the record after `after_sequence` on.
Result<TaskView> WatchAndFollow(Client& client, const Clock& clock, const std::string& task_id, int64_t after_sequence,
                                v1::Detail detail, const FollowOptions& options);

}  // namespace troupe::cli
