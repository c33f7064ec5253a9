#include "router/cli/exit_code.h"

namespace troupe::cli {

ExitCode ExitCodeFor(Code code) {
  switch (code) {
    case Code::kOk:
      return kExitOk;
    case Code::kInvalidArgument:
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kOutOfRange:
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
      return kExitBadInput;
    case Code::kUnavailable:
      return kExitUnreachable;
    case Code::kNotFound:
      return kExitNotFound;
    case Code::kCancelled:
    case Code::kDeadlineExceeded:
      return kExitStopped;
    case Code::kResourceExhausted:
      return kExitFull;
    case Code::kDataLoss:
      return kExitDamaged;
    default:
      return kExitInternal;
  }
}

ExitCode ExitCodeForTask(int code) {
  if (code == 0) return kExitOk;
  const auto canonical = static_cast<Code>(code);
  return canonical == Code::kCancelled || canonical == Code::kDeadlineExceeded ? kExitStopped : kExitTaskFailed;
}

const char* const kExitCodesHelp =
    "Exit codes:\n"
    "  0  done                      4  no such task, graph or file\n"
    "  1  the task (a case) failed  5  cancelled, or its deadline passed\n"
    "  2  wrong arguments or input  6  the router is full, try later\n"
    "  3  no router answers         7  up: a process does not start or keeps dying\n"
    "  8  journal or model damaged  130 interrupted by ctrl-C\n"
    "  70 anything else";

}  // namespace troupe::cli
