// A task's records as plain lines, one for each event, with the time since the task began: for pipes, files and CI.
// Streamed text is gathered into whole lines. Pure; owned by whoever follows a task, one thread at a time.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "router/cli/task_view.h"

namespace troupe::cli {

class PlainLines {
 public:
  // `router` is the --router of commands that are shown; empty where they find it without.
  explicit PlainLines(std::string router = "") : router_(std::move(router)) {}

  // Lines for a record that `view` has just folded.
  std::vector<std::string> Next(const TaskView& view, const v1::Record& record);

 private:
  void Say(const std::string& text);
  void SayEvent(const TaskView& view, const v1::Event& event);
  void SayDecision(const TaskView& view, const v1::Decision& decision, const std::string& path_of_event);
  void Gather(const std::string& path, const std::string& text);
  void Flush(const std::string& path);

  std::string router_;
  UnixMs elapsed_ms_ = 0;
  std::vector<std::string> lines_;
  // Streamed text without its line's end, by path.
  std::map<std::string, std::string> partial_;
};

}  // namespace troupe::cli
