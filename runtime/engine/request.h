// What an engine is asked and what it says back. Plain data; no torch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/engine/constraint.h"
#include "runtime/text/tokenizer.h"

namespace troupe::engine {

using text::TokenId;

// In the order in which they are applied: penalties, temperature, top-k, top-p, min-p.
struct SamplingParams {
  float temperature = 0;  // 0: the likeliest token, always; at most 10
  int32_t top_k = 0;      // keep the k likeliest; 0: off
  float top_p = 1;        // keep the likeliest that together reach p (Holtzman et al., 2019); 1: off
  float min_p = 0;        // keep those at least p times as likely as the likeliest (Nguyen et al., 2024); 0: off
  // Logits of tokens already seen are divided (if positive) or multiplied by it (Keskar et al., 2019); 1: off.
  float repeat_penalty = 1;
  // How many of the last tokens, prompt included, count as seen for repeat_penalty; 0: all.
  int32_t repeat_window = 256;
  // Taken off the logit of a generated token once, and once for each time it was generated; 0: off.
  float presence_penalty = 0;
  float frequency_penalty = 0;
  // Same seed, prompt and parameters: same tokens. The draw for a token depends on the seed and its position only.
  uint64_t seed = 0;
  // The text ends before the first of these; they never appear in it, not even in part. At most 16, of 256 bytes.
  std::vector<std::string> stop;
  // How many alternatives to report for each token, 0 to 20.
  int32_t logprobs = 0;
};

// INVALID_ARGUMENT naming the field that is out of range.
Status CheckParams(const SamplingParams& params);

struct Request {
  // The prompt as tokens, at least one.
  std::vector<TokenId> prompt;
  // Text of this answer that was shown already: generation goes on after it, and it is not sent again. A draw depends
  // on its position, so the continuation is the one that the broken-off run would have made.
  std::string committed_text;
  // How many tokens the answer may have, those of committed_text included.
  int32_t max_new_tokens = 256;
  // True: a token that ends texts is one like any other, so that the answer has max_new_tokens whatever the model says:
  // for measuring speed. Not together with a constraint.
  bool ignore_end = false;
  SamplingParams sampling;
  // The mask, or nothing. With committed_text, a fresh one: the engine feeds it the committed tokens.
  std::unique_ptr<Constraint> constraint;
  // On the engine's clock, Clock::MonotonicNs; 0: none. Past it the request fails with DEADLINE_EXCEEDED.
  int64_t deadline_ns = 0;
  // Higher goes first among those that wait; equals in order of arrival.
  int32_t priority = 0;
};

struct TokenLogprob {
  TokenId id = 0;
  float logprob = 0;  // natural logarithm, of the model's own distribution before penalties, temperature and mask
};

struct GeneratedToken {
  TokenId id = 0;
  float logprob = 0;  // 0 where SamplingParams::logprobs is 0
  std::vector<TokenLogprob> top;
};

// What one step added. Pieces put together are the whole text after committed_text; each is valid UTF-8. Text may lag
// behind tokens: part of a character, or what may begin a stop string, is held back.
struct Delta {
  std::string text;
  std::vector<GeneratedToken> tokens;
};

enum class FinishReason : uint8_t {
  kStop,        // an end token or a stop string
  kLength,      // max_new_tokens, or the end of the context
  kConstraint,  // the constraint allows nothing more
  kCancelled,
};
std::string_view FinishReasonName(FinishReason reason);

struct Usage {
  int32_t prompt_tokens = 0;
  int32_t committed_tokens = 0;  // of committed_text
  int32_t generated_tokens = 0;  // in this run, the end token not counted
  int32_t reused_tokens = 0;     // of the first two, not run because another sequence began alike
  double queue_ms = 0;           // from Generate to the first prefill
  double prefill_ms = 0;         // from there to the first token
  double decode_ms = 0;          // from there to the end
  double device_ms = 0;          // its share of the steps that it was in, by tokens: sequences together never use more
                                 // than the device was busy
};

struct Completion {
  FinishReason reason = FinishReason::kStop;
  // The stop string that ended the text, if one did.
  std::string stop;
  Usage usage;
};

// Called on the engine's model thread: they must only hand on, never block or throw. After exactly one of on_done and
// on_error nothing more is called. Either of them, once Generate has returned a Handle, is called for certain.
struct Callbacks {
  std::function<void(Delta)> on_delta;
  std::function<void(Completion)> on_done;
  std::function<void(Error)> on_error;
};

}  // namespace troupe::engine
