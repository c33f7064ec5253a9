// What the command's exit code says. Documented in `troupe --help`; scripts build on it, so numbers never change
// meaning.
#pragma once

#include "runtime/base/error.h"

namespace troupe::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitTaskFailed = 1,    // the task ended with an error, or a case of `test` failed
  kExitBadInput = 2,      // wrong arguments, a wrong graph, a wrong input
  kExitUnreachable = 3,   // no router answers
  kExitNotFound = 4,      // no such task, graph or file
  kExitStopped = 5,       // the task was cancelled, or its deadline passed
  kExitFull = 6,          // the router takes nothing more just now
  kExitUpFailed = 7,      // `up`: a process does not start or keeps dying
  kExitDamaged = 8,       // what was written down or fetched is damaged: a journal, an export, a model
  kExitInternal = 70,     // a defect, or something this list does not name
  kExitInterrupted = 130  // ctrl-C
};

// The exit code for a call that failed.
ExitCode ExitCodeFor(Code code);

// The exit code for a task that ended with this canonical code.
ExitCode ExitCodeForTask(int code);

// The list above as lines for --help.
extern const char* const kExitCodesHelp;

}  // namespace troupe::cli
