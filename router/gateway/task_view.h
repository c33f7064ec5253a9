// A task's state as clients see it.
#pragma once

#include <map>
#include <string>

#include "router/core/task.h"
#include "router/journal/journal.h"
#include "troupe/v1/task.pb.h"

namespace troupe::gateway {

enum class TaskInput { kGiven, kLeftOut };

// Everything but the steps.
void FillTask(const std::string& task_id, const core::TaskState& state, v1::Task& out,
              TaskInput input = TaskInput::kGiven);
// In the order in which they began; rounds ("handle[2]") are left out, they have no work of their own.
void FillSteps(const core::TaskState& state, v1::GetResponse& out);
// What it waits for people to decide.
void FillWaiting(const std::map<std::string, core::Question, std::less<>>& questions, v1::Task& out);
void FillApproval(const std::string& path, const core::Question& question, v1::Approval& out);
// At a glance, from the journal's row.
void FillRow(const journal::TaskRow& row, v1::Task& out);

}  // namespace troupe::gateway
