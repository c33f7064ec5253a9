// Load and its watchers: tasks handed in at a steady number under way, each followed by a witness, through whatever
// dies. Own threads; Stop ends the handing in and waits until every task that was accepted has been seen to its end.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/witness.h"

namespace troupe::fault {

class Load {
 public:
  // `witnesses` is the number of tasks under way at once: each thread hands one in and follows it.
  Load(std::string address, int witnesses);
  ~Load();

  // No new tasks; waits for the ends of those accepted, at most `limit`.
  void Stop(std::chrono::seconds limit);

  int accepted() const { return accepted_; }
  // Records that watchers have seen so far.
  int64_t records_seen() const { return records_seen_; }
  // After Stop.
  const std::vector<std::unique_ptr<Witness>>& witnesses() const { return witnesses_; }
  // Calls to Submit that failed and were repeated with the same request id.
  int repeated_submits() const { return repeated_submits_; }

 private:
  void Work(int thread);
  // The accepted task's id; empty where stopped before the router said one.
  std::string Submit(cli::Client& client, const std::string& request_id);

  const std::string address_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> giving_up_{false};
  std::atomic<int> accepted_{0};
  std::atomic<int64_t> records_seen_{0};
  std::atomic<int> repeated_submits_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int working_ = 0;
  std::vector<std::unique_ptr<Witness>> witnesses_;
  std::vector<std::thread> threads_;
};

}  // namespace troupe::fault
