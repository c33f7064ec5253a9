// A teacher writes texts of each skill, round by round, until enough of them are kept or it has tried often enough.
// What it wrote in a run that was broken off it does not write again.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "agents/tools/synthesise_job.h"
#include "agents/tools/synthesise_recipe.h"
#include "agents/tools/synthetic_filter.h"
#include "agents/tools/written_log.h"
#include "runtime/base/error.h"

namespace troupe::tools {

struct SyntheticText {
  std::string text;
  std::string label;
  double confidence = 0;  // the teacher's
  Verdict verdict = Verdict::kKept;
};

// What became of a skill's texts, by verdict.
struct SkillTally {
  std::array<size_t, kVerdicts> counts{};

  size_t& of(Verdict verdict) { return counts.at(static_cast<size_t>(verdict)); }
  size_t of(Verdict verdict) const { return counts.at(static_cast<size_t>(verdict)); }
  size_t written() const;
};

struct Synthesis {
  // Everything that was written, in the order in which it was asked for.
  std::vector<SyntheticText> texts;
  std::vector<SkillTally> tallies;  // one for each of the job's skills

  size_t Count(Verdict verdict) const;
};

// Takes as long as the teacher writes; shows on stderr how far it is. The same recipe, texts and models give the same.
// Errors: the teacher's, the embedder's, the log's.
Result<Synthesis> WriteSynthetic(const SynthesiseRecipe& recipe, const SynthesiseJob& job, WrittenLog& log);

}  // namespace troupe::tools
