#include "runtime/kernels/team.h"

#include <algorithm>
#include <chrono>

#include "runtime/base/check.h"

namespace troupe::kernels {
namespace {

constexpr int kPartBits = 21;  // room for every thread to count one too far
constexpr uint64_t kPartMask = (uint64_t{1} << kPartBits) - 1;

// How often a waiting thread looks before it sleeps: some 20 microseconds.
constexpr int kLooks = 1'000;

using Clock = std::chrono::steady_clock;

int64_t Nanoseconds(Clock::duration time) { return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(); }

inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Team::Team(int threads) {
  CHECK(threads >= 1);
  for (int i = 1; i < threads; ++i) helpers_.emplace_back([this] { Help(); });
}

Team::~Team() {
  stopping_.store(true, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Team::RunParts(int64_t parts, Function function, void* context) {
  if (parts == 0) return;
  CHECK(parts <= kMaxParts);
  if (contention_.IsAlone()) return RunAlone(parts, function, context);
  const auto begin = Clock::now();
  function_ = function;
  context_ = context;
  left_.store(parts, std::memory_order_relaxed);
  const uint64_t round = (ticket_.load(std::memory_order_relaxed) >> (2 * kPartBits)) + 1;
  ticket_.store((round << (2 * kPartBits)) | (static_cast<uint64_t>(parts) << kPartBits), std::memory_order_release);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  TakeParts();
  const auto worked = Clock::now();
  bool slept = false;
  for (int looks = 0;; ++looks) {
    const int64_t left = left_.load(std::memory_order_acquire);
    if (left == 0) break;
    if (looks < kLooks) {
      Pause();
    } else {
      slept = true;
      left_.wait(left, std::memory_order_acquire);
    }
  }
  // Whoever did not sleep has not waited long.
  contention_.Observe(Nanoseconds(worked - begin), slept ? Nanoseconds(Clock::now() - worked) : 0,
                      static_cast<int>(helpers_.size()));
}

void Team::RunAlone(int64_t parts, Function function, void* context) {
  const auto begin = Clock::now();
  for (int64_t part = 0; part < parts; ++part) function(context, part);
  contention_.ObserveAlone(Nanoseconds(Clock::now() - begin));
}

void Team::TakeParts() {
  for (;;) {
    const uint64_t ticket = ticket_.fetch_add(1, std::memory_order_acq_rel);
    const uint64_t part = ticket & kPartMask;
    if (part >= ((ticket >> kPartBits) & kPartMask)) return;
    function_(context_, static_cast<int64_t>(part));
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
  }
}

void Team::Help() {
  for (uint32_t seen = 0;;) {
    uint32_t round = seen;
    for (int looks = 0; looks < kLooks && (round = round_.load(std::memory_order_acquire)) == seen; ++looks) Pause();
    if (round == seen) round_.wait(seen, std::memory_order_acquire);
    seen = round_.load(std::memory_order_acquire);
    if (stopping_.load(std::memory_order_relaxed)) return;
    TakeParts();
  }
}

}  // namespace troupe::kernels
