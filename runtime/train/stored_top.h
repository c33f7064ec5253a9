// What a teacher says of the tokens of given answers, asked once and kept in a file: of each token its likeliest ones
// and the logarithms of their probabilities (token_loss.h's TopTokens). So a teacher may be asked by another program,
// and costs nothing while its student learns. Read only; the file is mapped, so it may be larger than memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/safetensors.h"
#include "runtime/train/answer_texts.h"
#include "runtime/train/token_loss.h"

namespace troupe::train {

// Asks `teacher` about all of `texts`, and writes the `k` likeliest of each token at `temperature`. `of` names teacher
// and texts (a digest). Errors: WriteFile's, RESOURCE_EXHAUSTED for memory, the watch's, called after each batch with
// the share done.
Status StoreTop(const std::filesystem::path& file, const WholeDecoder& teacher, const AnswerTexts& texts, int64_t k,
                double temperature, const std::string& of, const std::function<Status(double)>& watch);

class StoredTop {
 public:
  // Errors: NOT_FOUND; INVALID_ARGUMENT for a file that is no such file; FAILED_PRECONDITION for one of another teacher
  // or other texts.
  static Result<std::unique_ptr<const StoredTop>> Open(const std::filesystem::path& file, const AnswerTexts& texts,
                                                       const std::string& of);

  // Of the tokens of these texts' answers, one text behind the other.
  TopTokens Of(std::span<const size_t> texts) const;

 private:
  explicit StoredTop(model::Safetensors file) : file_(std::move(file)) {}

  model::Safetensors file_;
  std::vector<int64_t> begins_;  // of each text's tokens, and the end of the last one's
  at::Tensor ids_, log_probs_;   // [tokens, k], int32 and float32, views of the file
};

}  // namespace troupe::train
