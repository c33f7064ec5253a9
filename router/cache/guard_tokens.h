// A text as words, numbers, codes and signs, for the semantic cache's guard. What cannot be judged is an error: the
// guard knows English in Latin letters. Time and memory are linear in the text, which has a limit. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::cache {

// Longer texts are not judged: questions are short, and a long text has too many facts to agree by accident.
constexpr size_t kMaxGuardedBytes = 4096;

enum class TokenKind : uint8_t {
  kWord,    // letters, in lower case, contractions taken apart
  kNumber,  // digits with what stands between them: "1,000.50", "12/05/2023", "17:30"
  kCode,    // an identifier, a mail or web address, anything of letters and digits mixed
  kSign,    // a currency's sign, or %
};

struct Token {
  TokenKind kind = TokenKind::kWord;
  std::string text;
  bool capital = false;
  // The first word of a sentence, which is capital whatever it means.
  bool first = false;

  bool Is(std::string_view word) const { return kind == TokenKind::kWord && text == word; }
};

// Errors, INVALID_ARGUMENT: too long, not UTF-8, letters of another script, signs that cannot be seen.
Result<std::vector<Token>> Tokenize(std::string_view text);

}  // namespace troupe::cache
