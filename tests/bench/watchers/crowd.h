// Thousands of clients that watch tasks and read slowly, or not at all: streams on a few connections, driven by one
// thread. What they are sent and do not read stays with gRPC, as with a client that hangs. Those that read do so at
// moments of their own, spread over the interval, as clients that know nothing of each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

// How its watchers read.
struct Pace {
  // Every one of so many reads; the others do not. 0: nobody does.
  int reader_each = 0;
  // A reader's time from one message to the next; 0: as soon as there is one.
  int interval_ms = 1'000;
};

class Crowd {
 public:
  // All streams are open when it returns, spread evenly over the tasks. Errors: where one ends at once.
  static Result<std::unique_ptr<Crowd>> Gather(const std::string& address, const std::vector<std::string>& tasks,
                                               int watchers, Pace pace);
  ~Crowd();

  void SetPace(Pace pace);

  int64_t messages_read() const { return read_; }
  // Streams that the router has ended, and the first one's reason.
  int64_t ended() const { return ended_; }
  std::string first_end() const;

 private:
  struct Watcher;
  struct Queue;
  Crowd();
  void Main();
  void OnEvent(Watcher& watcher, bool ok, Pace pace);
  void Read(Watcher& watcher);
  void StartReads(Pace pace, int64_t slice);
  bool EndAll();

  std::atomic<Pace> pace_{Pace{}};
  std::unique_ptr<Queue> queue_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> read_{0};
  std::atomic<int64_t> ended_{0};
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

}  // namespace troupe::bench
