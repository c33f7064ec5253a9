// The sequences that run, the pages they hold, and one step of the model over all of them: carries out what the
// scheduler decides (scheduler.h) on the pool (page_pool.h) and the decoder. On the engine's model thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/engine/page_pool.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sequence.h"
#include "runtime/engine/side_thread.h"
#include "runtime/engine/speculation.h"
#include "runtime/model/decoder.h"

namespace troupe::engine {

struct BatchCounts {
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
  int64_t reused_tokens = 0;
  int64_t recomputed_tokens = 0;
  int64_t preemptions = 0;
  int64_t cut_short = 0;
  int64_t steps = 0;
  int64_t drafted_tokens = 0;
  int64_t accepted_tokens = 0;
};

class Batch {
 public:
  // The decoder has `pages` pages; it and `environment` outlive the batch.
  Batch(model::Decoder& decoder, int64_t pages, const StepLimits& limits, int64_t max_sequences,
        const SequenceEnvironment& environment);

  // Takes out those that ended, were cancelled or are past their deadline; their pages are free then. What they ended
  // with is the caller's to tell.
  std::vector<std::unique_ptr<Sequence>> TakeEnded();
  // Takes out those that must give way for the others to go on. They wait again, and go on later from what they have.
  std::vector<std::unique_ptr<Sequence>> MakeRoom();
  // Lets one in if there is room; it is left where it is otherwise. After MakeRoom.
  bool Join(std::unique_ptr<Sequence>& sequence);
  // One forward pass.
  void Step();
  // Ends everything, without another step.
  std::vector<std::unique_ptr<Sequence>> CancelAll();

  int64_t size() const { return static_cast<int64_t>(running_.size()); }
  const PagePool& pool() const { return pool_; }
  const BatchCounts& counts() const { return counts_; }

 private:
  StepPlan Plan() const;
  void PassOverKnown(Sequence& sequence);
  void CountReused(Sequence& sequence);
  void CountRun(const Sequence& sequence, int64_t tokens);
  // A sequence's part in a step.
  struct Member {
    Sequence* sequence = nullptr;
    int64_t tokens = 0;  // that are known
    int64_t drafted = 0;
  };
  static bool HasPrompts(const std::vector<Member>& members);
  std::vector<Member> Members(const StepPlan& plan);
  void AddDrafts(const StepPlan& plan, std::vector<Member>& members);
  model::Slice SliceOf(const Member& member);
  void Run(const std::vector<Member>& members, const std::vector<model::Slice>& slices);
  // Has each pay for its part of a step; how many tokens there were.
  static int64_t ShareOut(int64_t step_ns, const std::vector<Member>& members);
  void RunApart(const std::vector<Member>& members, const std::vector<model::Slice>& slices, const Error& error);
  void StartMasks(const std::vector<Member>& members, const std::vector<model::Slice>& slices);
  void Advance(const Member& member, const model::Slice& slice, std::span<float> logits);
  void GiveBack(Sequence& sequence);

  model::Decoder& decoder_;
  const StepLimits limits_;
  const int64_t max_sequences_;
  const SequenceEnvironment& environment_;
  PagePool pool_;
  std::vector<std::unique_ptr<Sequence>> running_;
  uint64_t turn_ = 0;
  int64_t spoken_for_ = 0;  // pages that those that run need for their next tokens
  SideThread masks_;
  StepCosts costs_;  // of steps without prompts
  BatchCounts counts_;
};

}  // namespace troupe::engine
