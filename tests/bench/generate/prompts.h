// Prompts of any length out of one real text: number i begins at another token than number i - 1, so that no two of a
// benchmark's prompts begin alike and nothing that was computed for one serves another.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/text/tokenizer.h"

namespace troupe::bench {

class Prompts {
 public:
  // Errors: NOT_FOUND for the file.
  static Result<Prompts> Read(const std::filesystem::path& file, const text::Tokenizer& tokenizer);

  // `tokens` tokens of the text. Errors: INVALID_ARGUMENT where the text is shorter.
  Result<std::vector<text::TokenId>> At(int64_t number, int64_t tokens) const;

 private:
  explicit Prompts(std::vector<text::TokenId> text) : text_(std::move(text)) {}
  std::vector<text::TokenId> text_;
};

}  // namespace troupe::bench
