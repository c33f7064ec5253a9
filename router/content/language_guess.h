// Whether a text is plainly written in another language than it should be, by the small words that every sentence has
// (stop words). For some European languages; of others nothing is said. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::content {

// The language that a text of these words (words.h) looks like where that is not `wanted` ("en", "pt-br"); empty where
// it fits, or where the text is too short or too odd to tell.
std::string GuessOtherLanguage(const std::vector<std::string>& words, std::string_view wanted);

}  // namespace troupe::content
