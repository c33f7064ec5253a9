// When a second try beside a slow one is worth it, and how many there may be. A try is slow once it has been silent for
// longer than 95 in 100 of its agent's latest ones; of all steps that may be hedged no more than the graph's share are,
// so that an agent that is slow as a whole is not given more to do.
//
// Time is handed in: the router and the simulation use the same one. One for each agent; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

namespace troupe::dispatch {

class HedgePolicy {
 public:
  // How many it must have seen to say what is slow.
  static constexpr size_t kLeast = 20;
  explicit HedgePolicy(size_t least = kLeast) : least_(least) {}

  // One more step that may be hedged. Gives how long it may be silent; nothing while too few have been seen to say.
  std::optional<int64_t> OnStart(int percent);
  // What a step's agent said first, after that time: text, or its end.
  void OnHeard(int64_t after_us);
  // Whether the share allows one more; counts it where it does.
  bool Take();
  // It came to nothing.
  void GiveBack();

 private:
  static constexpr size_t kWindow = 128;
  // What one second try costs, and the most that can be saved up for.
  static constexpr int kTry = 100;
  static constexpr int kMost = 5 * kTry;

  const size_t least_;
  std::mutex mutex_;
  std::array<int64_t, kWindow> heard_us_{};
  size_t heard_ = 0;
  int saved_ = 0;
};

}  // namespace troupe::dispatch
