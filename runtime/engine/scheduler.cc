#include "runtime/engine/scheduler.h"

#include <algorithm>
#include <iterator>

#include "runtime/engine/page_pool.h"

namespace troupe::engine {
namespace {

// Less is not worth a place in the step.
constexpr int64_t kLeastPiece = 64;

int64_t MostTokens(const Running& sequence) {
  return std::min(sequence.pending, std::max<int64_t>(1, sequence.piece_end - sequence.length));
}

int64_t NewPages(const Running& sequence, int64_t tokens) {
  return std::max<int64_t>(0, PagesFor(sequence.length + tokens) - sequence.pages);
}

// A piece within a prompt ends where a page does: others may take the page over then.
int64_t CutToPage(const Running& sequence, int64_t tokens) {
  if (tokens >= MostTokens(sequence)) return MostTokens(sequence);
  const int64_t cut = tokens - (sequence.length + tokens) % kPageTokens;
  return cut > 0 ? cut : tokens;
}

// In order of arrival, beginning behind the one that had the last turn.
std::vector<size_t> PromptsInTurn(std::span<const Running> running, uint64_t turn) {
  std::vector<size_t> prompts;
  for (size_t i = 0; i < running.size(); ++i) {
    if (running[i].pending > kDecodeTokens) prompts.push_back(i);
  }
  std::sort(prompts.begin(), prompts.end(),
            [&](size_t a, size_t b) { return running[a].rank.arrival < running[b].rank.arrival; });
  const auto next =
      std::find_if(prompts.begin(), prompts.end(), [&](size_t i) { return running[i].rank.arrival > turn; });
  std::rotate(prompts.begin(), next, prompts.end());
  return prompts;
}

// Gives each prompt an equal part of the budget, then what some did not need to those that need more.
void AddPrompts(std::span<const Running> running, int64_t budget, StepPlan& plan) {
  const std::vector<size_t> prompts = PromptsInTurn(running, plan.turn);
  if (prompts.empty()) return;
  const int64_t part = std::max(budget / static_cast<int64_t>(prompts.size()), std::min(kLeastPiece, budget));
  std::vector<int64_t> given(prompts.size(), 0);
  for (bool gave = true; budget > 0 && gave;) {
    gave = false;
    for (size_t i = 0; i < prompts.size() && budget > 0; ++i) {
      const int64_t more = std::min({part, budget, MostTokens(running[prompts[i]]) - given[i]});
      if (more <= 0) continue;
      if (given[i] == 0) plan.turn = running[prompts[i]].rank.arrival;
      given[i] += more;
      budget -= more;
      gave = true;
    }
  }
  for (size_t i = 0; i < prompts.size(); ++i) {
    if (given[i] > 0) plan.pieces.push_back({prompts[i], CutToPage(running[prompts[i]], given[i])});
  }
}

// The more wait for their prompt, the less what those that decode lose by a longer step weighs.
int64_t PromptBudget(int64_t decoding, int64_t running, const StepLimits& limits) {
  if (running == 0) return limits.prefill_tokens_alone;
  const int64_t more = limits.prefill_tokens_alone - limits.prefill_tokens;
  return limits.prefill_tokens + more * (running - decoding) / running;
}

size_t LeastImportant(std::span<const Running> running) {
  size_t least = 0;
  for (size_t i = 1; i < running.size(); ++i) {
    if (IsBefore(running[least].rank, running[i].rank)) least = i;
  }
  return least;
}

}  // namespace

bool IsBefore(const Rank& a, const Rank& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.arrival < b.arrival;
}

StepPlan PlanStep(std::span<const Running> running, int64_t free_pages, uint64_t turn, const StepLimits& limits) {
  StepPlan plan;
  plan.turn = turn;
  for (size_t i = 0; i < running.size(); ++i) {
    if (running[i].pending <= kDecodeTokens) plan.pieces.push_back({i, MostTokens(running[i])});
  }
  AddPrompts(running, PromptBudget(static_cast<int64_t>(plan.pieces.size()), std::ssize(running), limits), plan);
  for (const Piece& piece : plan.pieces) plan.new_pages += NewPages(running[piece.index], piece.tokens);
  if (plan.new_pages <= free_pages || running.size() < 2) return plan;
  StepPlan instead;
  instead.turn = turn;
  instead.preempt = LeastImportant(running);
  return instead;
}

bool MayJoin(int64_t cost_pages, int64_t free_pages, int64_t running, int64_t max_running) {
  return running < max_running && cost_pages + running <= free_pages;
}

}  // namespace troupe::engine
