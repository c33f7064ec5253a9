// One request while it is in the batch: its tokens, its cache, what it may say and what was shown of it. Lives on the
// engine's model thread, which asks it for the next tokens to run and gives it the logits.
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
#include "runtime/engine/request.h"
#include "runtime/engine/sampler.h"
#include "runtime/engine/stop_text.h"
#include "runtime/model/decoder.h"
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
};

class Sequence {
 public:
  Sequence(Ticket ticket, const SequenceEnvironment& environment);

  // Feeds the committed text. May end the sequence at once.
  void Begin();

  // Tokens that the model has not seen yet; never empty while the sequence runs.
  std::span<const TokenId> Pending() const;
  bool IsPrefilling() const { return first_token_ns_ == 0; }
  // What the model has seen: `length` tokens, whose keys and values are in `pages`. The engine's to change.
  std::vector<model::PageId> pages;
  int64_t length = 0;

  // Chooses from the logits that follow the last token, and shows what that adds. `logits` is used up.
  void Advance(std::span<float> logits);

  // Ends it where it was cancelled or its deadline is past.
  void CheckAlive();
  void Finish(FinishReason reason);
  void Fail(Error error);
  bool done() const { return done_; }
  const Usage& usage() const { return usage_; }

 private:
  Status TakeCommitted();
  Status Choose(std::span<float> logits);
  // Adds a token to the answer. True where the answer ends with it.
  Result<bool> Take(GeneratedToken token, Delta& delta);
  void Show(Delta delta);
  int64_t AnswerTokens() const { return usage_.committed_tokens + usage_.generated_tokens; }
  bool IsEnd(TokenId id) const;
  bool IsFull() const;

  Ticket ticket_;
  const SequenceEnvironment& environment_;
  Sampler sampler_;
  text::StreamDecoder decoder_;
  StopText stop_text_;
  std::vector<TokenId> tokens_;  // prompt, committed, generated
  Usage usage_;
  int64_t started_ns_ = 0;
  int64_t first_token_ns_ = 0;
  std::optional<FinishReason> ending_;  // set by the token that ends the answer
  bool done_ = false;
};

}  // namespace troupe::engine
