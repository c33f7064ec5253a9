// A decompose step by meaning on its way: the router finds where the text may be cut, has the embedding agent turn the
// stretches into vectors, and chooses the parts. A list with skills goes the same way, its items being the stretches.
// To the task it looks like one attempt of that agent.
//
// Owner: itself while an embedding call is under way. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/decompose/decompose.h"
#include "router/decompose/list.h"
#include "router/dispatch/skill_cache.h"
#include "router/dispatch/step.h"
#include "router/dispatch/timers.h"
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

// Gives an order to an agent.
using Starter = std::function<std::shared_ptr<StepCall>(StepOrder, std::shared_ptr<StepListener>)>;

// The text that the step's input holds. Errors: INTERNAL where it holds none.
Result<Value> TextOfDecompose(const StepOrder& order);

class DecomposeRun final : public StepCall, public StepListener, public std::enable_shared_from_this<DecomposeRun> {
 public:
  DecomposeRun(StepOrder order, DecomposeJob job, std::shared_ptr<StepListener> listener, Starter starter,
               std::shared_ptr<SkillCache> cache, Timers& timers);
  ~DecomposeRun() override;

  void Start();
  void Cancel() override;

  void OnStepText(const std::string&, int, std::string, int64_t) override {}
  void OnStepEnd(const std::string& path, int attempt, StepOutcome outcome) override;

 private:
  enum class Phase { kSpans, kSkills };

  void Embed(std::vector<std::string> texts, const std::string& key_suffix);
  void EmbedNextSkills();
  void FindSkills();
  void BuildSkills();
  void Choose(const decompose::SkillIndex& skills);
  void End(Result<Value> output);
  void EndLater(Result<Value> output);
  void FinishBuilding(SkillCache::Index index);

  const StepOrder order_;
  const DecomposeJob job_;
  const std::shared_ptr<StepListener> listener_;
  const Starter starter_;
  const std::shared_ptr<SkillCache> cache_;
  Timers& timers_;
  decompose::Options options_;

  // Used by one call after the other; only `over_` and `call_` by Cancel too.
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

  std::mutex mutex_;
  bool over_ = false;
  bool building_ = false;
  std::shared_ptr<StepCall> call_;
};

}  // namespace troupe::dispatch
