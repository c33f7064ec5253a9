// Whether a team (team.h) should work alone for a while. Where another process wants the cores, a helper may lose its
// own in the middle of a part, and whoever waits for that part waits for the kernel to come round: milliseconds, where
// all of the work takes microseconds. Where such waits take longer than the others' work would, the team's owner does
// it by itself until it tries again: soon at first, later and later while that goes wrong. Two processes on two cores
// come to have a core each that way. Work that itself takes milliseconds is shared again at once: it loses less by
// waiting.
//
// Pure; of one thread.
#pragma once

#include <cstdint>

namespace troupe::kernels {

class Contention {
 public:
  // Whether the next round of work is to be done alone.
  bool IsAlone() const { return alone_left_ > 0; }
  // Of a round that was shared out: for how long its owner worked on parts itself, and then waited for those of
  // `others` threads.
  void Observe(int64_t worked_ns, int64_t waited_ns, int others);
  // Of a round that was done alone.
  void ObserveAlone(int64_t worked_ns);

  // A wait is for a lost core where it is longer than the others' parts can have taken: as long as the owner's own
  // ones, and this.
  static constexpr int64_t kSlackNs = 300'000;
  // So many of them at least within so many shared rounds.
  static constexpr int kFew = 2;
  static constexpr int64_t kWindowRounds = 256;
  // Rounds alone, at first and at most: some ten milliseconds and some seconds of a small model's decoding.
  static constexpr int64_t kAloneRounds = 1024;
  static constexpr int64_t kMostAloneRounds = 64 * kAloneRounds;
  // Rounds alone that take longer are not worth it.
  static constexpr int64_t kLongNs = 1'000'000;

 private:
  void BeginWindow();

  int64_t alone_left_ = 0;
  int64_t next_alone_ = kAloneRounds;
  // Since the window began:
  int64_t shared_ = 0;
  int64_t worked_ns_ = 0;
  int lost_ = 0;
  int64_t lost_ns_ = 0;
};

}  // namespace troupe::kernels
