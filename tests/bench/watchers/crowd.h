// Thousands of clients that watch tasks and read as fast as they can, slowly, or not at all: streams on a few
// connections, driven by one thread. What they are sent and do not read stays with gRPC, as with a client that hangs.
// Those that read do so at moments of their own, spread over the interval, as clients that know nothing of each other.
// Each looks whether it gets every record once and in order.
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

// How much of what a watcher does not read its gRPC takes in.
enum class Windows {
  // As gRPC measures the connection: megabytes for each stream on a quick one, so that hardly any buffer is ever full.
  kGrowing,
  // 64 KiB for each stream and no more, so that one that does not read soon stops the router from sending.
  kFixed
};

struct CrowdOptions {
  int watchers = 0;
  Pace pace = {};
  Windows windows = Windows::kGrowing;
};

// A task to watch, and the last record of it that is not asked for.
struct Watched {
  std::string task_id;
  int64_t after = 0;
};

class Crowd {
 public:
  // All streams are open when it returns, spread evenly over the tasks. Errors: where one ends at once.
  static Result<std::unique_ptr<Crowd>> Gather(const std::string& address, const std::vector<Watched>& tasks,
                                               CrowdOptions options);
  ~Crowd();

  void SetPace(Pace pace);

  int64_t messages_read() const { return read_; }
  // Records that came out of order, twice, or after one that is missing.
  int64_t misplaced() const { return misplaced_; }
  // How many watchers lack a record of these; the same tasks in the same order as in Gather.
  int64_t behind(const std::vector<Watched>& tasks) const;
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
  std::atomic<int64_t> misplaced_{0};
  std::atomic<int64_t> ended_{0};
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

}  // namespace troupe::bench
