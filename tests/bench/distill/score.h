// How good an answer of help-desk's writer is, without a person: how much of a reference it has, and whether it keeps
// what the policy promises. Pure.
#pragma once

#include <string>
#include <vector>

namespace troupe::bench {

// Letters and digits of each word, in small letters.
std::vector<std::string> WordsOf(const std::string& text);

// ROUGE-L (Lin, 2004): F1 of the longest common subsequence of words, 0 to 1.
double RougeL(const std::string& answer, const std::string& reference);

// Every one of `keys` is a word of the answer, and each number in it is one of `source`.
bool KeepsFacts(const std::string& answer, const std::vector<std::string>& keys, const std::string& source);

}  // namespace troupe::bench
