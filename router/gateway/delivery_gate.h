// What is written to watchers at once, in the whole router: so many deliveries and no more. Without it ten thousand
// watchers' writes stand in gRPC's queues before the work of the tasks themselves, which then crawl.
//
// Fair queueing: tasks take turns, and of one task's watchers the one that waited longest. So a crowd that watches one
// task makes each other wait, and hardly anybody else. A delivery has its permit until it is written. One whose client
// does not read may never be, so it loses the permit after a while: what hangs costs its time once and blocks nobody.
//
// Owner: Tasks. Thread-safe; calls OnPermit outside of its lock, on the thread that enters or leaves, or a timer's.
// Holds nobody alive, and its timer goes when Timers stop.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "router/dispatch/timers.h"
#include "router/journal/journal.h"
#include "runtime/base/clock.h"

namespace troupe::gateway {

struct DeliveryOptions {
  // Deliveries under way. The more, the sooner watchers hear of news, and the less tasks get done beside a crowd:
  // tests/bench/watchers weighs the two.
  size_t at_once = size_t{2} * std::max(2U, std::thread::hardware_concurrency());
  // The time after which one is not counted any longer, ms.
  int64_t limit_ms = 10;
};

class DeliveryGate {
 public:
  // Names a delivery that has been let in; none twice.
  enum class Permit : uint64_t {};

  class Delivery {
   public:
    virtual ~Delivery() = default;
    // Its turn. kWriting: it calls Leave once that is written. kNothing: it needs the permit no longer. Must not block.
    enum class Use { kWriting, kNothing };
    virtual Use OnPermit(Permit permit) = 0;
  };

  // Looks for those that take too long by `timers`; where that is null somebody has to call Check.
  DeliveryGate(DeliveryOptions options, const Clock& clock, dispatch::Timers* timers)
      : options_(options), clock_(clock), timers_(timers) {}

  // Waits for its turn among those of its task, which may come at once. Whoever is gone by then is passed over.
  void Enter(journal::TaskKey task, std::weak_ptr<Delivery> delivery);
  // It is written. No effect where it took too long.
  void Leave(Permit permit);
  void Check();

 private:
  struct UnderWay {
    Permit permit{};
    int64_t since_ns = 0;
  };
  using Line = std::deque<std::weak_ptr<Delivery>>;

  void LetIn();
  // Need mutex_.
  std::shared_ptr<Delivery> TakeNext();
  bool Free(Permit permit);
  void PlanCheck();

  const DeliveryOptions options_;
  const Clock& clock_;
  dispatch::Timers* const timers_;
  std::mutex mutex_;
  // Those that wait, by task; and the tasks of whom some do, in the order of their turns.
  std::unordered_map<journal::TaskKey, Line> lines_;
  std::deque<journal::TaskKey> turns_;
  // The oldest first.
  std::deque<UnderWay> under_way_;
  uint64_t last_permit_ = 0;
  bool planned_ = false;
};

}  // namespace troupe::gateway
