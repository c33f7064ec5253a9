// What one step of the model does, decided from what runs and what is free: a pure function, no clock, no torch. The
// engine carries it out.
//
// Sequences that decode take part in every step. Prompts share what is left of it, in pieces, a turn each, so that a
// long one does not hold up a short one. Where the pages run out, the least important sequence, of equals the one that
// came last, gives its own back and waits again: the most important one always goes on to its end, so all do in time.
// Plans cost what runs, not what waits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace troupe::engine {

// A sequence with no more than this many tokens to run decodes: it takes part in every step.
constexpr int64_t kDecodeTokens = 16;

// How a sequence stands among others.
struct Rank {
  int32_t priority = 0;  // higher first
  uint64_t arrival = 0;  // of equals, lower first

  friend bool operator==(const Rank&, const Rank&) = default;
};
bool IsBefore(const Rank& a, const Rank& b);

struct Running {
  Rank rank;
  int64_t length = 0;   // tokens that are in its pages
  int64_t pending = 0;  // tokens that are known and not yet run; at least 1
  int64_t pages = 0;    // that it holds
  // The next piece ends at this length at the latest.
  int64_t piece_end = INT64_MAX;
};

struct StepLimits {
  // Tokens of prompts in a step where nearly all sequences decode, and in one where none does: nobody waits for it
  // then. Between the two by how many of them have a prompt to run.
  int64_t prefill_tokens = 128;
  int64_t prefill_tokens_alone = 256;
};

struct Piece {
  size_t index = 0;  // in what runs
  int64_t tokens = 0;

  friend bool operator==(const Piece&, const Piece&) = default;
};

struct StepPlan {
  // This one gives its pages back before anything is run: then plan anew. Nothing else is decided.
  std::optional<size_t> preempt;
  std::vector<Piece> pieces;
  // The arrival of the prompt that had the last turn: the next plan begins after it.
  uint64_t turn = 0;
  // Pages that the pieces need beyond those held.
  int64_t new_pages = 0;
};

// One step. `free_pages` are those that can be had; `turn` is what the plan before this one gave.
StepPlan PlanStep(std::span<const Running> running, int64_t free_pages, uint64_t turn, const StepLimits& limits);

// Whether the next one of those that wait may join: its pages fit, and every other sequence could still get one more.
bool MayJoin(int64_t cost_pages, int64_t free_pages, int64_t running, int64_t max_running);

// After so many that came later were taken before it, the one that waits longest is the next, whatever its priority,
// and keeps that rank.
constexpr uint64_t kMaxOvertakes = 64;
// `left`: how many that waited have left, so far, of all that ever came.
constexpr bool IsOverdue(uint64_t oldest_arrival, uint64_t left) { return left >= oldest_arrival + kMaxOvertakes; }

}  // namespace troupe::engine
