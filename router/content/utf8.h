// UTF-8 that strangers send (RFC 3629): read strictly, and told apart into what may stand in a slot and what may not.
// Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::content {

inline constexpr char32_t kBadUtf8 = 0xffffffff;

// The character at `at`, which moves behind it; kBadUtf8 where there is none (overlong forms, surrogates and numbers
// above U+10FFFF count as broken), `at` then stays.
char32_t NextCharacter(std::string_view text, size_t& at);

// Number of characters; `text` must be right.
size_t CountCharacters(std::string_view text);

// C0 and C1 controls, DEL, and the separators U+2028 and U+2029, which end lines where nobody expects it.
bool IsControl(char32_t character);
// What turns the direction of text around (UAX 9): marks, embeddings, overrides, isolates.
bool IsBidiControl(char32_t character);
// What is not seen, and so lets two texts look alike: zero-width space, byte order mark, tags, noncharacters and the
// like. The joiners U+200C and U+200D are not among them: scripts and emoji need those.
bool IsInvisible(char32_t character);

}  // namespace troupe::content
