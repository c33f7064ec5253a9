// One request on its way: its tokens, what it may say and what was shown of it. It outlives its place in the batch: one
// that gives way to others (scheduler.h) goes on later from what it has. Lives on the engine's model thread, which asks
// it for the next tokens to run and gives it the logits; what it ends with is told by Tell, when its pages are free.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/page_pool.h"
#include "runtime/engine/prompt_lookup.h"
#include "runtime/engine/request.h"
#include "runtime/engine/sampler.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/speculation.h"
#include "runtime/engine/stop_text.h"
#include "runtime/text/stream_decoder.h"

namespace troupe::engine {

// A request as it waits.
struct Ticket {
  Request request;
  Callbacks callbacks;
  Handle handle;
  int64_t queued_ns = 0;
  uint64_t arrival = 0;
};

// What sequences share.
struct SequenceEnvironment {
  std::shared_ptr<const text::Tokenizer> tokenizer;
  std::span<const TokenId> end_ids;
  int64_t max_context = 0;
  const Clock* clock = nullptr;
  // Past this length what a token adds depends on how long its sequence was then (model::Slice::ahead): sequences share
  // no pages there, and one that is computed again is computed in the same pieces.
  int64_t turned_beyond = INT64_MAX;
  Speculation speculation = Speculation::kOff;
};

class Sequence {
 public:
  Sequence(Ticket ticket, const SequenceEnvironment& environment);

  Rank rank() const { return rank_; }
  void BecomeMostImportant() { rank_.priority = INT32_MAX; }
  int64_t deadline_ns() const { return ticket_.request.deadline_ns; }
  bool cancelled() const { return ticket_.handle.cancelled(); }

  // Before it joins the batch for the first time; later calls do nothing. Takes the committed text. May end it.
  void Prepare();
  // It joins, with the first `length` of its tokens in `held` already.
  void Join(Holding held, int64_t length);

  // All that is known: prompt, committed, generated.
  std::span<const TokenId> tokens() const { return tokens_; }
  // Of those the model has not seen yet; never empty while the sequence runs.
  std::span<const TokenId> Pending() const { return tokens().subspan(static_cast<size_t>(length)); }
  // How many were known when it began: prompt and committed.
  int64_t given() const { return given_; }
  Reuse reuse() const { return given_ <= environment_.turned_beyond ? Reuse::kPrefix : Reuse::kNothing; }
  // What others may have of what is in its pages.
  std::span<const TokenId> Shareable() const;
  // Where the next piece that is run must end at the latest.
  int64_t PieceEnd() const;

  // The batch's to change: its pages, how many of its tokens are in them, and how many ever were.
  Holding holding;
  int64_t length = 0;
  int64_t seen = 0;

  // What may follow the one token that is pending, guessed; empty where nothing is to be guessed. Valid until Advance.
  Guess Guesses();
  // The first `tokens` that are pending, and the first `drafted` guesses behind them. Valid until the next call.
  std::span<const TokenId> Feed(int64_t tokens, int64_t drafted);

  // Whether what it says next is constrained.
  bool IsConstrained() const { return ticket_.request.constraint != nullptr; }
  // What it may say next, for the Advance that follows: may be done on another thread while the model runs.
  void ComputeMask();

  // Chooses from the logits that follow the last token, and shows what that adds. Where drafts were fed behind it there
  // is a row of logits after each of them as well, [1 + drafts.size(), vocab], and it goes on as long as a draft is
  // what was chosen. How many were. `logits` is used up.
  int64_t Advance(std::span<float> logits, std::span<const TokenId> drafts);

  // Ends it where it was cancelled or its deadline is past.
  void CheckAlive();
  void Finish(FinishReason reason);
  void Fail(Error error);
  bool done() const { return ended_ != Ended::kNo; }
  // What is in its pages is as the model should have made it.
  bool IsSound() const { return error_.code != Code::kInternal; }
  // Tells the caller how it ended.
  void Tell();
  Usage& usage() { return usage_; }

 private:
  enum class Ended : uint8_t { kNo, kFinished, kFailed };

  Status TakeCommitted();
  Status Choose(std::span<float> logits, Delta& delta);
  // Adds a token to the answer. True where the answer ends with it.
  Result<bool> Take(GeneratedToken token, Delta& delta);
  void Show(Delta delta);
  // How the guesses did.
  void Learn(std::span<const TokenId> chosen);
  int64_t AnswerTokens() const { return usage_.committed_tokens + usage_.generated_tokens; }
  bool IsEnd(TokenId id) const;
  bool IsFull() const;

  Ticket ticket_;
  const SequenceEnvironment& environment_;
  Rank rank_;
  Sampler sampler_;
  text::StreamDecoder decoder_;
  StopText stop_text_;
  std::vector<TokenId> tokens_;
  PromptLookup lookup_;
  std::span<const TokenId> guesses_;
  Acceptance acceptance_;
  std::vector<TokenId> fed_;
  std::optional<Result<std::span<const uint32_t>>> mask_;  // computed ahead
  int64_t given_ = 0;
  Usage usage_;
  bool is_prepared_ = false;
  int64_t started_ns_ = 0;
  int64_t first_token_ns_ = 0;
  std::optional<FinishReason> ending_;  // set by the token that ends the answer
  Ended ended_ = Ended::kNo;
  FinishReason reason_ = FinishReason::kStop;
  Error error_;
};

}  // namespace troupe::engine
