// Small changes to questions, for the generators.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/cache/pairs.h"

namespace troupe::bench {

std::vector<std::string> SplitWords(std::string_view text);
std::string JoinWords(const std::vector<std::string>& words);
std::string Lower(std::string text);
std::string Capital(std::string text);
// "{}" becomes `what`.
std::string Filled(std::string_view sentence, std::string_view what);
// A word without the marks around it, in lower case.
std::string Bare(std::string_view word);
// `from` as a whole word, once, by `to`; nothing changes where it is not there.
std::string ReplaceWord(std::string_view text, std::string_view from, std::string_view to);
// Something polite before or behind it.
std::string Polite(const std::string& text, Draw& draw);

}  // namespace troupe::bench
