// A thread beside the model thread, for what can be done while the model computes: one job at a time, which the model
// thread waits for before it goes on. Owned and used by the model thread; the destructor waits for the job and joins.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe::engine {

class SideThread {
 public:
  SideThread() = default;
  ~SideThread();
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  // The one before must have been waited for. The thread is made for the first job.
  void Start(std::function<void()> job);
  // Until the job is done; at once where there is none.
  void Wait();

 private:
  void Loop();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::function<void()> job_;  // empty: done
  bool is_over_ = false;

  std::thread thread_;
};

}  // namespace troupe::engine
