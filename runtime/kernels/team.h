// Threads that share out the parts of a piece of work. Made for steps of some ten microseconds, hundreds of them in a
// row: a thread takes the next part when it is free, so that one that does not get its core is not waited for, unless
// it is in the middle of a part. Whoever waits spins for a moment and then sleeps, which lets the kernel run what keeps
// it waiting; where that happens often, it works alone for a while (contention.h).
//
// Owned by a model's thread, which is one of the team: it calls Run, takes parts itself, and returns when all are done.
// The destructor ends and joins the others.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

#include "runtime/kernels/contention.h"

namespace troupe::kernels {

class Team {
 public:
  // `threads`: the caller of Run included; at least 1.
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  // Calls work(part) for each part from 0 to parts - 1 (at most kMaxParts), once, on any of the threads, and waits for
  // all of them. `work` must not throw or call Run.
  template <class Work>
  void Run(int64_t parts, Work&& work) {
    using Plain = std::remove_reference_t<Work>;
    if (parts == 1 || helpers_.empty()) {
      for (int64_t part = 0; part < parts; ++part) work(part);
      return;
    }
    RunParts(
        parts, [](void* context, int64_t part) { (*static_cast<Plain*>(context))(part); },
        const_cast<std::remove_const_t<Plain>*>(&work));
  }

  // Calls work(first, last) for ranges that together are [0, items), about `parts_per_thread` of them for each thread.
  template <class Work>
  void RunRanges(int64_t items, int64_t parts_per_thread, Work&& work) {
    const int64_t parts = std::min(items, threads() == 1 ? 1 : threads() * parts_per_thread);
    Run(parts, [&](int64_t part) { work(items * part / parts, items * (part + 1) / parts); });
  }

  static constexpr int64_t kMaxParts = (1 << 20) - 1;

 private:
  using Function = void (*)(void* context, int64_t part);

  void RunParts(int64_t parts, Function function, void* context);
  void RunAlone(int64_t parts, Function function, void* context);
  void Help();
  void TakeParts();

  // What is to be done. Written by Run while nobody has parts of it.
  Function function_ = nullptr;
  void* context_ = nullptr;

  // Round, number of parts and next part in one word, so that a part is taken of the round that it belongs to or not at
  // all: a thread that comes late finds nothing to take, and has read nothing that has changed meanwhile.
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<int64_t> left_{0};
  alignas(64) std::atomic<uint32_t> round_{0};
  std::atomic<bool> stopping_{false};
  Contention contention_;  // the owner's
  std::vector<std::thread> helpers_;
};

}  // namespace troupe::kernels
