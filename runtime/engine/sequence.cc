#include "runtime/engine/sequence.h"

#include <algorithm>
#include <utility>

namespace troupe::engine {

Sequence::Sequence(Ticket ticket, const SequenceEnvironment& environment)
    : ticket_(std::move(ticket)),
      environment_(environment),
      rank_{ticket_.request.priority, ticket_.arrival},
      sampler_(ticket_.request.sampling),
      decoder_(environment.tokenizer),
      stop_text_(ticket_.request.sampling.stop),
      tokens_(ticket_.request.prompt) {
  usage_.prompt_tokens = static_cast<int32_t>(tokens_.size());
  for (TokenId id : tokens_) sampler_.AddPrompt(id);
}

void Sequence::Prepare() {
  if (std::exchange(is_prepared_, true)) return;
  CheckAlive();
  if (done()) return;
  if (auto status = TakeCommitted(); !status) return Fail(std::move(status).error());
  given_ = static_cast<int64_t>(tokens_.size());
  if (ticket_.request.constraint && ticket_.request.constraint->IsFinished()) return Finish(FinishReason::kConstraint);
  if (IsFull()) Finish(FinishReason::kLength);
}

void Sequence::Join(Holding held, int64_t reused) {
  holding = std::move(held);
  length = reused;
  if (started_ns_ != 0) return;
  started_ns_ = environment_.clock->MonotonicNs();
  usage_.queue_ms = static_cast<double>(started_ns_ - ticket_.queued_ns) / 1e6;
}

Status Sequence::TakeCommitted() {
  const Request& request = ticket_.request;
  if (request.committed_text.empty()) return {};
  TRY_ASSIGN(const std::vector<TokenId> committed,
             environment_.tokenizer->Encode(request.committed_text, text::Specials::kPlain));
  for (TokenId id : committed) {
    if (request.constraint) {
      if (auto status = request.constraint->Accept(id); !status) {
        return FailedPrecondition(
            "the committed text does not fit the constraint, so the answer cannot go on after it: " +
            status.error().message);
      }
    }
    tokens_.push_back(id);
    sampler_.AddGenerated(id);
    decoder_.Push(id);
  }
  usage_.committed_tokens = static_cast<int32_t>(committed.size());
  return {};
}

std::span<const TokenId> Sequence::Shareable() const {
  const int64_t most = reuse() == Reuse::kPrefix ? environment_.turned_beyond : 0;
  return tokens().first(static_cast<size_t>(std::min(length, most)));
}

int64_t Sequence::PieceEnd() const {
  if (environment_.turned_beyond == INT64_MAX) return INT64_MAX;
  if (length < given_) return given_;
  return std::max(environment_.turned_beyond, length + 1);
}

bool Sequence::IsEnd(TokenId id) const {
  return std::find(environment_.end_ids.begin(), environment_.end_ids.end(), id) != environment_.end_ids.end();
}

bool Sequence::IsFull() const {
  return AnswerTokens() >= ticket_.request.max_new_tokens ||
         static_cast<int64_t>(tokens_.size()) >= environment_.max_context;
}

Guess Sequence::Guesses() {
  guesses_ = {};
  // Behind turned_beyond a token depends on how many come with it.
  const bool is_off = environment_.speculation == Speculation::kOff || environment_.turned_beyond != INT64_MAX;
  if (is_off || Pending().size() != 1) return {};
  const auto size = static_cast<int64_t>(tokens_.size());
  const int64_t room = std::min(environment_.max_context - size, ticket_.request.max_new_tokens - AnswerTokens() - 1);
  if (room > 0) guesses_ = lookup_.Propose(tokens_, std::min(room, kMostDrafted));
  return {acceptance_.rate(), static_cast<int64_t>(guesses_.size())};
}

std::span<const TokenId> Sequence::Feed(int64_t tokens, int64_t drafted) {
  const std::span<const TokenId> known = Pending().first(static_cast<size_t>(tokens));
  if (drafted == 0) return known;
  fed_.assign(known.begin(), known.end());
  fed_.insert(fed_.end(), guesses_.begin(), guesses_.begin() + drafted);
  return fed_;
}

int64_t Sequence::Advance(std::span<float> logits, std::span<const TokenId> drafts) {
  if (first_token_ns_ == 0) {
    first_token_ns_ = environment_.clock->MonotonicNs();
    usage_.prefill_ms = static_cast<double>(first_token_ns_ - started_ns_) / 1e6;
  }
  const size_t width = logits.size() / (drafts.size() + 1);
  const size_t known = tokens_.size();
  Delta delta;
  Status status;
  size_t right = 0;
  // A constraint may add more than one token at a time, so what came is compared as a whole.
  for (size_t row = 0; row <= drafts.size(); row = tokens_.size() - known) {
    status = Choose(logits.subspan(row * width, width), delta);
    const auto chosen = tokens().subspan(known);
    right = static_cast<size_t>(std::ranges::mismatch(chosen, drafts).in1 - chosen.begin());
    if (!status || ending_ || right < chosen.size()) break;
  }
  Show(std::move(delta));
  Learn(tokens().subspan(known));
  if (!status) {
    Fail(std::move(status).error());
  } else if (ending_) {
    Finish(*ending_);
  }
  return static_cast<int64_t>(right);
}

// What was not drafted is compared as well: it may become worth it.
void Sequence::Learn(std::span<const TokenId> chosen) {
  const size_t guesses = std::min(guesses_.size(), chosen.size());
  const auto end = std::ranges::mismatch(chosen.first(guesses), guesses_.first(guesses)).in1;
  acceptance_.Observe(end - chosen.first(guesses).begin(), static_cast<int64_t>(guesses));
  guesses_ = {};
}

void Sequence::ComputeMask() { mask_ = ticket_.request.constraint->AllowedMask(); }

Status Sequence::Choose(std::span<float> logits, Delta& delta) {
  Constraint* constraint = ticket_.request.constraint.get();
  std::optional<std::span<const uint32_t>> mask;
  if (constraint != nullptr) {
    if (!mask_) ComputeMask();
    TRY_ASSIGN(mask, *std::exchange(mask_, std::nullopt));
  }
  TRY_ASSIGN(GeneratedToken token, sampler_.Sample(logits, mask, AnswerTokens()));
  TRY_ASSIGN(bool ended, Take(std::move(token), delta));
  if (ended || constraint == nullptr) return {};
  for (TokenId id : constraint->ForcedTokens()) {
    TRY_ASSIGN(ended, Take({.id = id}, delta));
    if (ended) break;
  }
  return {};
}

Result<bool> Sequence::Take(GeneratedToken token, Delta& delta) {
  Constraint* constraint = ticket_.request.constraint.get();
  if (!ticket_.request.ignore_end && IsEnd(token.id)) {
    // An end token that the mask let through ends what the constraint describes.
    ending_ = FinishReason::kStop;
    return true;
  }
  if (constraint != nullptr) TRY(constraint->Accept(token.id));
  tokens_.push_back(token.id);
  sampler_.AddGenerated(token.id);
  ++usage_.generated_tokens;
  delta.text += stop_text_.Push(decoder_.Push(token.id));
  delta.tokens.push_back(std::move(token));
  if (!stop_text_.found().empty()) {
    ending_ = FinishReason::kStop;
  } else if (constraint != nullptr && constraint->IsFinished()) {
    ending_ = FinishReason::kConstraint;
  } else if (IsFull()) {
    ending_ = FinishReason::kLength;
  }
  return ending_.has_value();
}

void Sequence::Show(Delta delta) {
  if (ending_ && stop_text_.found().empty()) {
    delta.text += stop_text_.Push(decoder_.Flush());
    delta.text += stop_text_.Flush();
  }
  if (!delta.text.empty() || !delta.tokens.empty()) ticket_.callbacks.on_delta(std::move(delta));
}

void Sequence::CheckAlive() {
  if (done()) return;
  if (cancelled()) return Finish(FinishReason::kCancelled);
  if (deadline_ns() == 0 || environment_.clock->MonotonicNs() < deadline_ns()) return;
  Fail({Code::kDeadlineExceeded, started_ns_ == 0 ? "the deadline passed while the request waited for its turn"
                                                  : "the deadline passed after " +
                                                        std::to_string(usage_.generated_tokens) + " generated tokens"});
}

void Sequence::Finish(FinishReason reason) {
  ended_ = Ended::kFinished;
  reason_ = reason;
  if (first_token_ns_ != 0) {
    usage_.decode_ms = static_cast<double>(environment_.clock->MonotonicNs() - first_token_ns_) / 1e6;
  }
}

void Sequence::Fail(Error error) {
  ended_ = Ended::kFailed;
  error_ = std::move(error);
}

void Sequence::Tell() {
  if (ended_ == Ended::kFailed) {
    ticket_.callbacks.on_error(std::move(error_));
  } else {
    ticket_.callbacks.on_done({reason_, stop_text_.found(), usage_});
  }
}

}  // namespace troupe::engine
