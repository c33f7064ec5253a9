// Answers that were given by meaning, by the task that got them, so that who reads one can say that it was wrong: of
// the newest tasks, since the router started. Owner: Answers. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "router/answers/counts.h"

namespace troupe::answers {

// One of them.
struct Given {
  Counts::Key step;
  // What was asked, whose answer was given, and how near the two questions are.
  std::string question;
  std::string answer_key;
  double score = 0.0;
};

class GivenByMeaning {
 public:
  explicit GivenByMeaning(size_t max_tasks = 10'000) : max_tasks_(max_tasks) {}

  void Remember(const std::string& task, Given given);
  // Those of that step of the task, of all its steps where `step` is empty. Each is taken once: nobody's word counts
  // twice.
  std::vector<Given> Take(const std::string& task, const std::string& step);

 private:
  const size_t max_tasks_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Given>> by_task_;
  // Oldest first; tasks that are taken may be among them.
  std::deque<std::string> in_order_;
};

}  // namespace troupe::answers
