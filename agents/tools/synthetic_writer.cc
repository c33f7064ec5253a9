#include "agents/tools/synthetic_writer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "agents/tools/progress_line.h"
#include "agents/tools/text_vectors.h"
#include "runtime/train/shuffle.h"
#include "runtime/train/write_answers.h"

namespace troupe::tools {
namespace {

constexpr size_t kRound = 128;  // texts between two looks at what is still missing

// Of the teacher, in a text: the geometric mean of its tokens' probabilities.
double ConfidenceOf(const train::Written& written) {
  return written.tokens.empty() ? 0 : std::exp(written.logprob / static_cast<double>(written.tokens.size()));
}

Result<SyntheticFilter> MakeFilter(const SynthesiseRecipe& recipe, const SynthesiseJob& job) {
  std::vector<std::string> texts, labels;
  for (const train::LabelledText& text : job.real) {
    texts.push_back(text.text);
    labels.push_back(text.label);
  }
  TRY_ASSIGN(const auto vectors, VectorsOf(*job.embedder, texts));
  const FilterRules rules{.min_chars = static_cast<size_t>(recipe.min_chars),
                          .max_chars = static_cast<size_t>(recipe.max_chars),
                          .confidence = recipe.confidence,
                          .duplicate = recipe.duplicate,
                          .voters = static_cast<size_t>(recipe.voters)};
  return SyntheticFilter(rules, texts, std::move(labels), vectors);
}

class Rounds {
 public:
  Rounds(const SynthesiseRecipe& recipe, const SynthesiseJob& job, SyntheticFilter filter, WrittenLog& log)
      : recipe_(recipe), job_(job), filter_(std::move(filter)), log_(log), asked_(job.skills.size(), 0) {
    synthesis_.tallies.resize(job.skills.size());
  }

  Result<Synthesis> Run() {
    ProgressLine line("the teacher writes");
    for (std::vector<size_t> round = Next(); !round.empty(); round = Next()) {
      TRY(Write(round));
      const size_t kept = synthesis_.Count(Verdict::kKept);
      line.Show(Done(), std::to_string(kept) + " of " + std::to_string(synthesis_.texts.size()) + " texts kept");
    }
    return std::move(synthesis_);
  }

 private:
  size_t wanted() const { return static_cast<size_t>(recipe_.per_skill); }
  size_t most() const { return wanted() * static_cast<size_t>(recipe_.tries); }

  // The skills that are written for next, one for each text: those that lack most get as many as the others.
  std::vector<size_t> Next() const {
    std::vector<size_t> open(job_.skills.size());  // texts that may still be asked for
    for (size_t i = 0; i < open.size(); ++i) {
      const size_t missing = wanted() - synthesis_.tallies[i].of(Verdict::kKept);
      open[i] = std::min(2 * missing, most() - asked_[i]);
    }
    std::vector<size_t> round;
    for (bool found = true; found && round.size() < kRound;) {
      found = false;
      for (size_t i = 0; i < open.size() && round.size() < kRound; ++i) {
        if (open[i] == 0) continue;
        --open[i];
        round.push_back(i);
        found = true;
      }
    }
    return round;
  }

  // With as many of those as leave room for an answer.
  Result<std::vector<int32_t>> Prompt(const SkillExamples& examples, std::vector<std::string> shown) const {
    const auto room = static_cast<int64_t>(job_.teacher->info().max_context) - recipe_.max_tokens;
    for (; !shown.empty(); shown.pop_back()) {
      const std::string prompt = train::ListPrompt(recipe_.heading, examples.skill, shown);
      TRY_ASSIGN(auto ids, job_.teacher->tokenizer()->Encode(prompt, text::Specials::kAdd));
      if (static_cast<int64_t>(ids.size()) <= room) return ids;
    }
    return Invalid("not one example of \"" + examples.skill.label + "\" leaves room for a text in the teacher's " +
                   std::to_string(job_.teacher->info().max_context) +
                   " tokens: lower 'maxChars' or 'maxTokens', or shorten 'heading'");
  }

  Result<engine::Request> Ask(size_t skill) {
    const uint64_t seed = train::SeedFor(train::SeedFor(recipe_.seed, skill), asked_[skill]++);
    const SkillExamples& examples = job_.skills[skill];
    engine::Request request{.max_new_tokens = static_cast<int32_t>(recipe_.max_tokens)};
    TRY_ASSIGN(request.prompt,
               Prompt(examples, train::DrawShown(examples.texts, static_cast<size_t>(recipe_.shown), seed)));
    request.sampling.temperature = static_cast<float>(recipe_.temperature);
    request.sampling.top_p = static_cast<float>(recipe_.top_p);
    request.sampling.seed = seed;
    request.sampling.logprobs = 1;
    TRY_ASSIGN(auto matcher, job_.line->NewMatcher());
    request.constraint = engine::MakeConstraint(std::move(matcher));
    return request;
  }

  // What the teacher writes for these skills, as far as it has not written it already.
  Result<std::vector<WrittenText>> Texts(const std::vector<size_t>& round) {
    std::vector<WrittenText> texts;
    std::vector<engine::Request> requests;
    for (const size_t skill : round) {
      TRY_ASSIGN(engine::Request request, Ask(skill));
      if (auto known = log_.Next()) {
        texts.push_back(std::move(*known));
      } else {
        requests.push_back(std::move(request));
      }
    }
    TRY_ASSIGN(const auto written,
               train::WriteEach(*job_.teacher, std::move(requests), [](double) -> Status { return {}; }));
    std::vector<WrittenText> added;
    for (const train::Written& one : written) {
      added.push_back({train::OneLine(one.text), one.is_whole, ConfidenceOf(one)});
    }
    TRY(log_.Add(added));
    std::move(added.begin(), added.end(), std::back_inserter(texts));
    return texts;
  }

  Status Write(const std::vector<size_t>& round) {
    TRY_ASSIGN(auto written, Texts(round));
    std::vector<std::string> texts;
    for (const WrittenText& one : written) texts.push_back(one.text);
    TRY_ASSIGN(const auto vectors, VectorsOf(*job_.embedder, texts));
    for (size_t i = 0; i < round.size(); ++i) Look(round[i], std::move(written[i]), vectors[i]);
    return {};
  }

  void Look(size_t skill, WrittenText written, const std::vector<float>& vector) {
    SkillTally& tally = synthesis_.tallies[skill];
    // a round may bring more than are wanted
    if (tally.of(Verdict::kKept) == wanted()) return;
    const std::string& label = job_.skills[skill].skill.label;
    const Verdict verdict = filter_.Judge({written.text, label, written.is_whole, written.confidence, vector});
    ++tally.of(verdict);
    synthesis_.texts.push_back({std::move(written.text), label, written.confidence, verdict});
  }

  double Done() const {
    double done = 0;
    for (size_t i = 0; i < job_.skills.size(); ++i) {
      const double kept = static_cast<double>(synthesis_.tallies[i].of(Verdict::kKept)) / static_cast<double>(wanted());
      done += std::max(kept, static_cast<double>(asked_[i]) / static_cast<double>(most()));
    }
    return done / static_cast<double>(job_.skills.size());
  }

  const SynthesiseRecipe& recipe_;
  const SynthesiseJob& job_;
  SyntheticFilter filter_;
  WrittenLog& log_;
  std::vector<size_t> asked_;  // of each skill
  Synthesis synthesis_;
};

}  // namespace

size_t SkillTally::written() const { return std::accumulate(counts.begin(), counts.end(), size_t{0}); }

size_t Synthesis::Count(Verdict verdict) const {
  return std::accumulate(tallies.begin(), tallies.end(), size_t{0},
                         [&](size_t sum, const SkillTally& tally) { return sum + tally.of(verdict); });
}

Result<Synthesis> WriteSynthetic(const SynthesiseRecipe& recipe, const SynthesiseJob& job, WrittenLog& log) {
  TRY_ASSIGN(SyntheticFilter filter, MakeFilter(recipe, job));
  return Rounds(recipe, job, std::move(filter), log).Run();
}

}  // namespace troupe::tools
