// Characters that the guard reads, folded to few: typographic quotes and dashes to plain ones, capitals to small
// letters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::cache {

enum class CharacterKind : uint8_t { kBlank, kLetter, kDigit, kSign, kMark };

struct Character {
  CharacterKind kind = CharacterKind::kBlank;
  // As UTF-8, in lower case.
  std::string text;
  bool capital = false;
};

// Takes the first character off `rest`, which is not empty. Errors as Tokenize.
Result<Character> TakeCharacter(std::string_view& rest);

}  // namespace troupe::cache
