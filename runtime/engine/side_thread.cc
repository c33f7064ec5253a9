#include "runtime/engine/side_thread.h"

#include <utility>

#include "runtime/base/check.h"

namespace troupe::engine {

SideThread::~SideThread() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SideThread::Start(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(!job_);
    job_ = std::move(job);
  }
  changed_.notify_all();
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
}

void SideThread::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !job_; });
}

void SideThread::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return job_ || is_over_; });
    if (!job_) return;
    lock.unlock();
    job_();  // nobody else touches it until it is empty
    lock.lock();
    job_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace troupe::engine
