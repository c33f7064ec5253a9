// UTF-8 (RFC 3629) to code points and back, as strictly as strangers' texts need. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

inline constexpr char32_t kBadUtf8 = 0xffffffff;

// The code point at `at`, which moves behind it; kBadUtf8 where there is none (overlong forms, surrogates and numbers
// above U+10FFFF count as broken), `at` then stays.
char32_t NextCodePoint(std::string_view text, size_t& at);

// `text` must be right.
size_t CountCodePoints(std::string_view text);

// `point` must be one that UTF-8 has.
void AppendUtf8(char32_t point, std::string& out);

// "U+00AD": for messages.
std::string CodePointName(char32_t point);

}  // namespace troupe
