// One thread that does jobs for many, in batches: all that came in while it was busy is the next batch. So a store that
// takes its time makes batches larger and nobody's wait longer than two of them. Bounded in jobs and bytes; what does
// not fit is refused at once. Thread-safe. Stops: Stop, once what is queued is done; the owner calls it before what
// jobs use goes.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::stores {

struct BatchLimits {
  size_t max_jobs = 4'096;
  size_t max_bytes = 32u << 20;
  // That are done at once.
  size_t max_batch = 256;
};

template <typename Job>
class BatchThread {
 public:
  // `work` runs on the thread.
  BatchThread(const BatchLimits& limits, std::function<void(std::vector<Job>)> work)
      : limits_(limits), work_(std::move(work)), thread_([this] { Main(); }) {}
  ~BatchThread() { Stop(); }

  // False where it is full or stopped: the job is untouched.
  bool Add(Job& job, size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= limits_.max_jobs || bytes_ + bytes > limits_.max_bytes) return false;
      queue_.emplace_back(std::move(job), bytes);
      bytes_ += bytes;
    }
    wake_.notify_one();
    return true;
  }

  // Not from the thread itself.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(stopping_, true)) return;
    }
    wake_.notify_one();
    thread_.join();
  }

 private:
  void Main() {
    while (true) {
      std::vector<Job> batch;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        while (!queue_.empty() && batch.size() < limits_.max_batch) {
          batch.push_back(std::move(queue_.front().first));
          bytes_ -= queue_.front().second;
          queue_.pop_front();
        }
      }
      work_(std::move(batch));
    }
  }

  const BatchLimits limits_;
  const std::function<void(std::vector<Job>)> work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<std::pair<Job, size_t>> queue_;
  size_t bytes_ = 0;
  std::thread thread_;
};

}  // namespace troupe::stores
