// Prompts and answers as a chat model's tokens, the way `kind: generate` puts prompts together, so that what is learnt
// is what will be asked. Immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/answer_batch.h"
#include "runtime/train/prompt_texts.h"

namespace troupe::train {

class ChatEncoder {
 public:
  // Errors: FAILED_PRECONDITION for a model without a chat template or a token that ends a text; the template's.
  static Result<ChatEncoder> Make(const model::ModelFiles& files);

  // The answer with the token that ends it; without one where it is empty. Errors: INVALID_ARGUMENT, with the text's
  // place, for special tokens that are spelled out in it and for more tokens than the model reads; the template's.
  Result<PromptAnswer> Encode(const PromptText& text) const;

  // A text's prompt with worked examples as turns before its last one.
  static std::vector<text::ChatMessage> WithExamples(const std::vector<text::ChatMessage>& prompt,
                                                     std::span<const PromptText> examples);
  Result<std::vector<int32_t>> EncodePrompt(std::span<const text::ChatMessage> prompt, const std::string& place) const;

  int32_t end() const { return end_; }

 private:
  ChatEncoder(const model::ModelFiles& files, text::ChatTemplate chat, int32_t end);
  Status CheckLetters(const std::string& text, const std::string& place) const;

  std::shared_ptr<const text::Tokenizer> tokenizer_;
  text::ChatTemplate chat_;
  int32_t end_;
  size_t max_tokens_;
  std::vector<std::string> specials_;  // how special tokens are spelled
};

}  // namespace troupe::train
