#include "runtime/engine/batch.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace troupe::engine {

Batch::Batch(model::Decoder& decoder, int64_t pages, const StepLimits& limits, int64_t max_sequences,
             const SequenceEnvironment& environment)
    : decoder_(decoder), limits_(limits), max_sequences_(max_sequences), environment_(environment), pool_(pages) {}

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

bool Batch::HasPrompts(const std::vector<Member>& members) {
  return std::ranges::any_of(members, [](const Member& member) { return member.tokens > 1; });
}

std::vector<Batch::Member> Batch::Members(const StepPlan& plan) {
  std::vector<Member> members;
  members.reserve(plan.pieces.size());
  for (const Piece& piece : plan.pieces) members.push_back({running_[piece.index].get(), piece.tokens});
  if (environment_.speculation != Speculation::kOff && !HasPrompts(members)) AddDrafts(plan, members);
  return members;
}

// As many as are worth it, where there are pages for them that nobody needs now.
void Batch::AddDrafts(const StepPlan& plan, std::vector<Member>& members) {
  std::vector<Guess> guesses;
  guesses.reserve(members.size());
  for (const Member& member : members) guesses.push_back(member.sequence->Guesses());
  const int64_t most = environment_.speculation == Speculation::kAlways
                           ? kMostDrafted
                           : TokensToDraft(guesses, static_cast<int64_t>(members.size()), costs_);
  int64_t spare_pages = pool_.available() - plan.new_pages;
  for (size_t i = 0; i < members.size(); ++i) {
    const Sequence& sequence = *members[i].sequence;
    const int64_t drafted = std::min(guesses[i].tokens, most);
    const int64_t held = std::max(PagesFor(sequence.length + 1), static_cast<int64_t>(sequence.holding.pages.size()));
    const int64_t pages = std::max<int64_t>(0, PagesFor(sequence.length + 1 + drafted) - held);
    if (pages > spare_pages) continue;
    spare_pages -= pages;
    members[i].drafted = drafted;
  }
}

model::Slice Batch::SliceOf(const Member& member) {
  Sequence& sequence = *member.sequence;
  const int64_t end = sequence.length + member.tokens;
  CHECK(pool_.Grow(sequence.holding, end + member.drafted));
  const bool is_last_piece = end == static_cast<int64_t>(sequence.tokens().size());
  const model::Logits logits = member.drafted > 0 ? model::Logits::kAll
                               : is_last_piece    ? model::Logits::kLast
                                                  : model::Logits::kNone;
  return {sequence.Feed(member.tokens, member.drafted), sequence.holding.pages, sequence.length, logits,
          std::max<int64_t>(0, sequence.given() - end)};
}

void Batch::Step() {
  for (auto& sequence : running_) PassOverKnown(*sequence);
  const StepPlan plan = Plan();
  if (plan.preempt) return;  // what joined since MakeRoom took the room: it is made anew
  turn_ = plan.turn;
  const std::vector<Member> members = Members(plan);
  if (members.empty()) return;
  std::vector<model::Slice> slices;
  slices.reserve(members.size());
  for (const Member& member : members) slices.push_back(SliceOf(member));
  Run(members, slices);
}

// What constrained sequences may say next follows from what they have said: it is computed while the model runs.
void Batch::StartMasks(const std::vector<Member>& members, const std::vector<model::Slice>& slices) {
  std::vector<Sequence*> constrained;
  for (size_t i = 0; i < members.size(); ++i) {
    if (slices[i].logits != model::Logits::kNone && members[i].sequence->IsConstrained()) {
      constrained.push_back(members[i].sequence);
    }
  }
  if (constrained.empty()) return;
  masks_.Start([constrained = std::move(constrained)] {
    for (Sequence* sequence : constrained) sequence->ComputeMask();
  });
}

int64_t Batch::ShareOut(int64_t step_ns, const std::vector<Member>& members) {
  const auto own = [](const Member& member) { return member.tokens + member.drafted; };
  int64_t tokens = 0;
  for (const Member& member : members) tokens += own(member);
  const double token_ms = static_cast<double>(step_ns) / 1e6 / static_cast<double>(tokens);
  for (const Member& member : members) {
    member.sequence->usage().device_ms += token_ms * static_cast<double>(own(member));
  }
  return tokens;
}

void Batch::Run(const std::vector<Member>& members, const std::vector<model::Slice>& slices) {
  ++counts_.steps;
  const int64_t begin_ns = environment_.clock->MonotonicNs();
  StartMasks(members, slices);
  auto logits = decoder_.Forward(slices);
  masks_.Wait();
  if (!logits) return RunApart(members, slices, logits.error());
  const int64_t tokens = ShareOut(environment_.clock->MonotonicNs() - begin_ns, members);
  const auto width = static_cast<size_t>(decoder_.config().vocab_size);
  std::span<float> rows = *logits;
  for (size_t i = 0; i < members.size(); ++i) {
    const size_t own = static_cast<size_t>(model::LogitRows(slices[i])) * width;
    Advance(members[i], slices[i], rows.first(own));
    rows = rows.subspan(own);
  }
  if (!HasPrompts(members)) costs_.Observe(tokens, environment_.clock->MonotonicNs() - begin_ns);
}

// What is too much together may go one by one; whoever is too much alone hears of it.
void Batch::RunApart(const std::vector<Member>& members, const std::vector<model::Slice>& slices, const Error& error) {
  const bool may_fit = error.code == Code::kResourceExhausted && members.size() > 1;
  for (size_t i = 0; i < members.size(); ++i) {
    if (may_fit) {
      Run({members[i]}, {slices[i]});
    } else {
      members[i].sequence->Fail(error);
    }
  }
}

void Batch::Advance(const Member& member, const model::Slice& slice, std::span<float> logits) {
  Sequence& sequence = *member.sequence;
  CountRun(sequence, member.tokens);
  sequence.length += member.tokens;
  if (!logits.empty()) {
    const int64_t before = sequence.usage().generated_tokens;
    const int64_t right = sequence.Advance(logits, slice.tokens.last(static_cast<size_t>(member.drafted)));
    // What the pages hold of the others is written over.
    sequence.length += right;
    counts_.generated_tokens += sequence.usage().generated_tokens - before;
    counts_.drafted_tokens += member.drafted;
    counts_.accepted_tokens += right;
  }
  sequence.seen = std::max(sequence.seen, sequence.length);
  if (sequence.IsSound()) pool_.Register(sequence.holding, sequence.Shareable());
}

}  // namespace troupe::engine
