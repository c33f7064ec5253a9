// Things to do at a later moment: deadlines, pauses before a retry, reconnecting. One thread sleeps until the earliest;
// adding one that is not the earliest wakes nobody, so a deadline on every task costs next to nothing.
//
// Owner: the router's main, which destroys it after everything that uses it. Thread-safe. Work runs on the timer thread
// and must not block. Stop waits for work under way and forgets the rest; after that nothing runs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace troupe::dispatch {

class Timers {
 public:
  // Names a planned piece of work. A default one names none.
  struct Handle {
    int64_t at_ns = 0;
    uint64_t number = 0;
  };

  Timers();
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Runs `work` once, `delay_ms` from now.
  Handle After(int64_t delay_ms, std::function<void()> work);
  // Forgets it. No effect where it runs already, or has run.
  void Cancel(const Handle& handle);
  void Stop();

 private:
  void Main();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::pair<int64_t, uint64_t>, std::function<void()>> planned_;
  uint64_t next_number_ = 1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe::dispatch
