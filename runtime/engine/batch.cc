#include "runtime/engine/batch.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace troupe::engine {

Batch::Batch(model::Decoder& decoder, int64_t pages, const StepLimits& limits, int64_t max_sequences)
    : decoder_(decoder), limits_(limits), max_sequences_(max_sequences), pool_(pages) {}

std::vector<std::unique_ptr<Sequence>> Batch::TakeEnded() {
  std::vector<std::unique_ptr<Sequence>> ended;
  std::erase_if(running_, [&](std::unique_ptr<Sequence>& sequence) {
    if (!sequence->done()) {
      sequence->CheckAlive();
      if (sequence->done()) ++counts_.cut_short;
    }
    if (!sequence->done()) return false;
    GiveBack(*sequence);
    ended.push_back(std::move(sequence));
    return true;
  });
  return ended;
}

std::vector<std::unique_ptr<Sequence>> Batch::CancelAll() {
  for (auto& sequence : running_) {
    if (!sequence->done()) sequence->Finish(FinishReason::kCancelled);
  }
  return TakeEnded();
}

void Batch::GiveBack(Sequence& sequence) {
  if (sequence.IsSound()) {
    pool_.Release(sequence.holding);
  } else {
    pool_.Forget(sequence.holding);
  }
  sequence.length = 0;
}

StepPlan Batch::Plan() const {
  std::vector<Running> running;
  running.reserve(running_.size());
  for (const auto& sequence : running_) {
    running.push_back({sequence->rank(), sequence->length, static_cast<int64_t>(sequence->Pending().size()),
                       static_cast<int64_t>(sequence->holding.pages.size()), sequence->PieceEnd()});
  }
  return PlanStep(running, pool_.available(), turn_, limits_);
}

std::vector<std::unique_ptr<Sequence>> Batch::MakeRoom() {
  std::vector<std::unique_ptr<Sequence>> preempted;
  StepPlan plan = Plan();
  for (; plan.preempt; plan = Plan()) {
    const auto place = running_.begin() + static_cast<std::ptrdiff_t>(*plan.preempt);
    GiveBack(**place);
    preempted.push_back(std::move(*place));
    running_.erase(place);
    ++counts_.preemptions;
  }
  spoken_for_ = plan.new_pages;
  CHECK(spoken_for_ <= pool_.available());  // one sequence of the longest always fits (fit.h)
  return preempted;
}

bool Batch::Join(std::unique_ptr<Sequence>& sequence) {
  if (size() >= max_sequences_) return false;
  const int64_t cost = pool_.Cost(sequence->tokens(), sequence->reuse());
  if (!MayJoin(cost, pool_.available() - spoken_for_, size(), max_sequences_)) return false;
  auto acquired = pool_.Acquire(sequence->tokens(), sequence->reuse());
  CHECK(acquired.has_value());
  if (acquired->copy) decoder_.CopyPage(acquired->copy->from, acquired->copy->to);
  sequence->Join(std::move(acquired->holding), acquired->length);
  CountReused(*sequence);
  running_.push_back(std::move(sequence));
  return true;
}

// Of a prompt, what another sequence has run since.
void Batch::PassOverKnown(Sequence& sequence) {
  if (sequence.reuse() != Reuse::kPrefix || sequence.Pending().size() <= static_cast<size_t>(kDecodeTokens)) return;
  sequence.length = pool_.SkipKnown(sequence.holding, sequence.tokens(), sequence.length);
  CountReused(sequence);
}

void Batch::CountReused(Sequence& sequence) {
  const int64_t reused = sequence.length - sequence.seen;
  if (reused <= 0) return;
  counts_.reused_tokens += reused;
  sequence.usage().reused_tokens += static_cast<int32_t>(reused);
  sequence.seen = sequence.length;
}

void Batch::CountRun(const Sequence& sequence, int64_t tokens) {
  const int64_t end = sequence.length + tokens;
  const int64_t known_before = std::clamp(sequence.seen, sequence.length, end);
  counts_.recomputed_tokens += known_before - sequence.length;
  counts_.prompt_tokens += std::max<int64_t>(0, std::min(end, sequence.given()) - known_before);
}

void Batch::Step() {
  for (auto& sequence : running_) PassOverKnown(*sequence);
  const StepPlan plan = Plan();
  if (plan.preempt) return;  // what joined since MakeRoom took the room: it is made anew
  turn_ = plan.turn;
  std::vector<Sequence*> members;
  std::vector<model::Slice> slices;
  for (const Piece& piece : plan.pieces) {
    Sequence& sequence = *running_[piece.index];
    const int64_t end = sequence.length + piece.tokens;
    CHECK(pool_.Grow(sequence.holding, end));
    const auto pending = sequence.Pending();
    const bool is_all = piece.tokens == static_cast<int64_t>(pending.size());
    members.push_back(&sequence);
    slices.push_back({pending.first(static_cast<size_t>(piece.tokens)), sequence.holding.pages, sequence.length,
                      is_all ? model::Logits::kLast : model::Logits::kNone,
                      std::max<int64_t>(0, sequence.given() - end)});
  }
  if (!members.empty()) Run(members, slices);
}

void Batch::Run(const std::vector<Sequence*>& members, const std::vector<model::Slice>& slices) {
  ++counts_.steps;
  auto logits = decoder_.Forward(slices);
  if (!logits) {
    for (Sequence* sequence : members) sequence->Fail(logits.error());
    return;
  }
  const auto width = static_cast<size_t>(decoder_.config().vocab_size);
  std::span<float> rows = *logits;
  for (size_t i = 0; i < members.size(); ++i) {
    Sequence& sequence = *members[i];
    const auto tokens = static_cast<int64_t>(slices[i].tokens.size());
    CountRun(sequence, tokens);
    sequence.length += tokens;
    sequence.seen = std::max(sequence.seen, sequence.length);
    if (slices[i].logits == model::Logits::kLast) {
      const int64_t before = sequence.usage().generated_tokens;
      sequence.Advance(rows.first(width));
      counts_.generated_tokens += sequence.usage().generated_tokens - before;
      rows = rows.subspan(width);
    }
    if (sequence.IsSound()) pool_.Register(sequence.holding, sequence.Shareable());
  }
}

}  // namespace troupe::engine
