// One attempt at a step with a second try beside it where the first is slow (see hedge_policy.h): at another replica of
// the same pool that has room at once. Whoever is heard first, by text or by a good end, is the one; the other is
// cancelled. To the task it looks like one attempt, which cost what both did.
//
// What a cancelled try has cost nobody says: its device time counts to the moment it was cancelled, its tokens as many
// as the one that was first had written by then.
//
// Owner: the tries, while they are under way, and whoever may cancel it. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "router/dispatch/census.h"
#include "router/dispatch/hedge_policy.h"
#include "router/dispatch/step.h"
#include "runtime/base/clock.h"

namespace troupe::dispatch {

// What a hedged run works with; outlives it.
struct HedgeTools {
  std::function<std::shared_ptr<StepTry>(StepOrder, std::shared_ptr<StepListener>)> make;
  // Runs the work once, later.
  std::function<void(int64_t delay_ms, std::function<void()>)> after;
  const Clock& clock;
  Census& census;
};

class HedgedRun final : public StepCall, public std::enable_shared_from_this<HedgedRun> {
 public:
  HedgedRun(StepOrder order, std::shared_ptr<StepListener> listener, std::shared_ptr<HedgePolicy> policy,
            HedgeTools tools);

  void Start();
  void Cancel() override;

 private:
  class Ear;
  enum Which { kFirst = 0, kSecond = 1 };
  struct Try {
    // Null once it is over: a try holds its listener, which holds this.
    std::shared_ptr<StepTry> run;
    bool began = false;
    int64_t began_ns = 0;
    // Set once it has failed while the other was under way.
    std::optional<StepOutcome> failed;
  };

  void OnSlow();
  // The second try found no replica.
  void OnNoSecond();
  void OnText(Which which, const std::string& path, int attempt, std::string text, int64_t generated_tokens);
  void OnEnd(Which which, const std::string& path, int attempt, StepOutcome outcome);
  // These need the lock.
  Try& Other(Which which) { return tries_[which == kFirst ? kSecond : kFirst]; }
  // This one is heard first; gives the other, to be cancelled outside of the lock.
  std::shared_ptr<StepTry> Win(Which which, int64_t generated_tokens);
  // Adds what the other try has cost, and says in the reason that there was one.
  void Account(Which which, StepOutcome& outcome);

  const Census::Member member_;
  const StepOrder order_;
  const std::shared_ptr<StepListener> listener_;
  const std::shared_ptr<HedgePolicy> policy_;
  const HedgeTools tools_;
  int64_t silence_ms_ = 0;

  std::mutex mutex_;
  bool over_ = false;
  std::optional<Which> winner_;
  Try tries_[2];
  std::string first_replica_;
  // What the other had cost when it was cancelled.
  core::Usage lost_;
};

}  // namespace troupe::dispatch
