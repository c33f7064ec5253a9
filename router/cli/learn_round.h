// The work of one round of `troupe learn loop`, in a folder of its own, FOLDER/003: lessons and recipe are written, the
// student is trained by a child process, and the graph gets a version with it. Blocks, so main thread only; may be done
// again after a crash at any moment.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "router/cli/client.h"
#include "router/learn/loop.h"
#include "router/learn/loop_spec.h"

namespace troupe::cli {

struct RoundTools {
  learn::LoopSpec spec;
  // Where lessons are, and the program that trains ("troupe-agent").
  std::filesystem::path data_folder;
  std::filesystem::path trainer;
  // Asked between waits: true stops the child and ends with CANCELLED.
  std::function<bool()> stopped;
};

// Learnt or Refused. Errors: CANCELLED; those of files; INTERNAL where training fails, with its last log lines.
Result<learn::Event> TrainRound(const RoundTools& tools, Client& client, const learn::Round& round);

// The router's current version of the graph with the round's student, as it is to be applied.
struct StudentVersion {
  v1::GraphSource source;
  std::string version;
};
// Errors: those of the router; INVALID_ARGUMENT where the graph cannot be changed so.
Result<StudentVersion> MakeVersion(const RoundTools& tools, Client& client, const learn::Round& round);

}  // namespace troupe::cli
