// A decompose step by meaning on its way: the router finds where the text may be cut, has the embedding agent turn the
// stretches into vectors, and chooses the parts. A list with skills goes the same way, its items being the stretches.
// To the task it looks like one attempt of that agent.
//
// Owner and threads: see TextRun.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "router/decompose/decompose.h"
#include "router/decompose/list.h"
#include "router/dispatch/skill_cache.h"
#include "router/dispatch/text_run.h"
#include "router/graph/graph.h"

namespace troupe::dispatch {

// What a decompose step needs beside its order.
struct DecomposeJob {
  // Keeps `step` alive.
  std::shared_ptr<const graph::Graph> graph;
  const graph::DecomposeStep* step = nullptr;
  // Names the step within its graph version, without round numbers.
  std::string step_name;
};

class DecomposeRun final : public TextRun {
 public:
  DecomposeRun(StepOrder order, DecomposeJob job, std::shared_ptr<StepListener> listener, Starter starter,
               std::shared_ptr<SkillCache> cache, Timers& timers);
  ~DecomposeRun() override;

  void Start();
  void Cancel() override;

  void OnStepEnd(const std::string& path, int attempt, StepOutcome outcome) override;

 private:
  enum class Phase { kSpans, kSkills };

  void EmbedNextSkills();
  void FindSkills();
  void BuildSkills();
  void Choose(const decompose::SkillIndex& skills);
  std::shared_ptr<DecomposeRun> Self() { return std::static_pointer_cast<DecomposeRun>(shared_from_this()); }
  void End(Result<Value> output);
  void EndLater(Result<Value> output);
  void FinishBuilding(SkillCache::Index index);

  const DecomposeJob job_;
  const std::shared_ptr<SkillCache> cache_;
  decompose::Options options_;

  // Used by one call after the other.
  std::string text_;
  decompose::Candidates candidates_;
  // Of a list: what its items hand on.
  std::vector<decompose::ListItem> items_;
  Phase phase_ = Phase::kSpans;
  std::string cache_key_;
  std::vector<std::string> examples_;
  size_t examples_asked_ = 0;
  std::vector<float> span_vectors_;
  std::vector<float> skill_vectors_;
  int width_ = 0;
  StepOutcome total_;

  // This one builds the skills for all others that wait for them; Cancel looks at it too.
  std::atomic<bool> building_ = false;
};

}  // namespace troupe::dispatch
