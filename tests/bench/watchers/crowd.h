// Thousands of clients that watch tasks and read slowly, or not at all: streams on a few connections, driven by one
// thread. What they are sent and do not read stays with gRPC, as with a client that hangs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

class Crowd {
 public:
  struct Options {
    int watchers = 10'000;
    // Every one of so many reads one message in each interval; the others read none. 0: nobody reads.
    int reader_each = 2;
    int interval_ms = 1'000;
  };

  // All streams are open when it returns, spread evenly over the tasks. Errors: where one ends at once.
  static Result<std::unique_ptr<Crowd>> Gather(const std::string& address, const std::vector<std::string>& tasks,
                                               Options options);
  ~Crowd();

  int64_t messages_read() const { return read_; }
  // Streams that the router has ended, and the first one's reason.
  int64_t ended() const { return ended_; }
  std::string first_end() const;

 private:
  struct Watcher;
  struct Queue;
  explicit Crowd(Options options);
  void Main();

  const Options options_;
  std::unique_ptr<Queue> queue_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> read_{0};
  std::atomic<int64_t> ended_{0};
  std::thread thread_;
};

}  // namespace troupe::bench
