// One watcher of one task: follows it to its end through every break, and says what it saw that must not be.
// Used by one thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "router/cli/client.h"

namespace troupe::fault {

class Witness {
 public:
  // `seen` counts the records of all witnesses; may be null.
  explicit Witness(std::string task_id, std::atomic<int64_t>* seen = nullptr)
      : task_id_(std::move(task_id)), seen_(seen) {}

  // Follows the task until its last record. `give_up` is asked between waits.
  void Follow(cli::Client& client, const std::function<bool()>& give_up);

  const std::string& task_id() const { return task_id_; }
  bool saw_end() const { return saw_end_; }
  bool ended_well() const { return ended_well_; }
  // How often the stream broke off and was opened again.
  int breaks() const { return breaks_; }
  // "record 7 came after record 5", ...
  const std::vector<std::string>& complaints() const { return complaints_; }
  // Steps whose end was recorded more than once.
  int steps_twice() const { return steps_twice_; }
  // Every record as it came, for comparing watchers with each other.
  const std::vector<std::string>& records() const { return records_; }

 private:
  void Take(const v1::Record& record);
  void CheckText(const v1::StepDone& done);

  const std::string task_id_;
  std::atomic<int64_t>* const seen_;
  int64_t last_sequence_ = 0;
  bool saw_end_ = false;
  bool ended_well_ = false;
  int breaks_ = 0;
  int steps_twice_ = 0;
  // By path and attempt: what was streamed.
  std::map<std::pair<std::string, int>, std::string> streamed_;
  std::set<std::string> done_;
  std::set<std::string> completed_;
  std::vector<std::string> complaints_;
  std::vector<std::string> records_;
};

}  // namespace troupe::fault
