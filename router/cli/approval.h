// What people are told of a step that waits for one of them, or did. Pure; texts of users are not yet neutralised.
#pragma once

#include <string>

#include "troupe/v1/task.pb.h"

namespace troupe::cli {

// "troupe decide TASK 'STEP' --approve # or --reject", for a shell. `router` is its --router, empty where the command
// finds the router without.
std::string DecideCommand(const std::string& task_id, const std::string& path, const std::string& router);

// "approved by ann: fine with me", "rejected by bob", "nobody decided", "waits for a person until ...".
std::string VerdictLine(const v1::Approval& approval);
std::string VerdictOf(const v1::PersonDecided& decided);
std::string VerdictOf(const v1::WaitExpired& expired);

}  // namespace troupe::cli
