// Lets a model write answers to many prompts at once: a teacher those that its student learns from, a student its own,
// to have them judged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/engine/engine.h"
#include "runtime/model/model_files.h"
#include "runtime/train/decoder_training.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

struct WritingOptions {
  int32_t max_tokens = 64;
  float temperature = 0;
  std::vector<std::string> stop;  // the text ends before any of these
  uint64_t seed = 1;              // each prompt has one of its own that follows from it
  int threads = 1;
};

struct Written {
  std::string text;
  std::vector<int32_t> tokens;  // as they were chosen, without the one that ended it
  bool is_whole = false;        // it came to an end before max_tokens
  // Natural logarithms of the tokens' probabilities, summed; 0 where the request does not ask for them.
  double logprob = 0;
};

// Called with the share done, on the caller's thread. An error stops the writing.
using WritingWatch = std::function<Status(double done)>;

// A text for each request. Waits for all of them, some of which are in the engine at once. Errors: the engine's, the
// watch's.
Result<std::vector<Written>> WriteEach(engine::Engine& engine, std::vector<engine::Request> requests,
                                       const WritingWatch& watch);

// An answer for each prompt. Waits for all of them; whatever batches they fall into, the same prompts and seed give the
// same answers. Errors: the engine's, the watch's.
Result<std::vector<Written>> WriteAnswers(engine::Engine& engine, std::span<const std::vector<int32_t>> prompts,
                                          const WritingOptions& options, const WritingWatch& watch);

// Lets a student that is being trained write, with the weights that it has then. `end` is put behind texts that came to
// an end.
AnswerWriter WriterOf(const model::ModelFiles& files, int32_t end, const WritingOptions& options);

}  // namespace troupe::train
