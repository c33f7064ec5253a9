// Words of a message as byte ranges, with what stands around them. Blanks are ASCII blanks, no-break and ideographic
// space; a word also ends after an ideographic full stop, question or exclamation mark, so that text without blanks has
// sentences.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::decompose {

struct Word {
  // Bytes [begin, end): up to the next blank, punctuation included.
  size_t begin = 0;
  size_t end = 0;
  // ASCII lower case, without punctuation around it, "i'm" as "i"; cut to 16 bytes.
  std::string key;
  bool ends_sentence = false;
  bool ends_clause = false;  // comma, colon, dash
  bool line_follows = false;
};

std::vector<Word> FindWords(std::string_view text);

// "and", "also", "plus" and their kin: they lead from one request to the next and ask for nothing themselves.
bool IsConnector(const Word& word);

// The last place in [begin, end] where a character of the text begins or the text ends.
size_t CutBack(std::string_view text, size_t begin, size_t end);

}  // namespace troupe::decompose
