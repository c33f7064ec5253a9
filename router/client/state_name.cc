#include "router/client/state_name.h"

namespace troupe::client {

const char* StateName(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STATE_RUNNING:
      return "running";
    case v1::TASK_STATE_DONE:
      return "done";
    case v1::TASK_STATE_FAILED:
      return "failed";
    case v1::TASK_STATE_CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

const char* StateName(v1::StepState state) {
  switch (state) {
    case v1::STEP_STATE_WAITING:
      return "waiting";
    case v1::STEP_STATE_RUNNING:
      return "running";
    case v1::STEP_STATE_DONE:
      return "done";
    case v1::STEP_STATE_SKIPPED:
      return "skipped";
    case v1::STEP_STATE_FAILED:
      return "failed";
    case v1::STEP_STATE_STOPPED:
      return "stopped";
    case v1::STEP_STATE_WAITS_FOR_PERSON:
      return "waits for a person";
    default:
      return "unknown";
  }
}

}  // namespace troupe::client
