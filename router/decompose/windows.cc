#include "router/decompose/windows.h"

#include <algorithm>
#include <cstddef>

#include "router/decompose/words.h"

namespace troupe::decompose {
namespace {

// What begins at a character, strongest last.
enum class Begins : uint8_t { kNothing, kWord, kSentence, kParagraph };

struct Characters {
  // Byte offsets of the characters, and the text's size.
  std::vector<size_t> offsets;
  std::vector<Begins> begins;

  int64_t size() const { return static_cast<int64_t>(begins.size()); }
};

// A broken byte belongs to the character before it.
Characters ReadCharacters(std::string_view text) {
  Characters read;
  for (size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    read.offsets.push_back(at);
  }
  read.begins.assign(read.offsets.size(), Begins::kNothing);
  read.offsets.push_back(text.size());
  size_t character = 0;
  const Word* before = nullptr;
  const std::vector<Word> words = FindWords(text);
  for (const Word& word : words) {
    while (character < read.begins.size() && read.offsets[character] < word.begin) ++character;
    if (character == read.begins.size()) break;
    if (before != nullptr) {
      const std::string_view gap = text.substr(before->end, word.begin - before->end);
      const bool is_paragraph = std::count(gap.begin(), gap.end(), '\n') > 1;
      const bool is_sentence = before->ends_sentence || before->line_follows;
      read.begins[character] = is_paragraph ? Begins::kParagraph : is_sentence ? Begins::kSentence : Begins::kWord;
    }
    before = &word;
  }
  return read;
}

// The last place in (least, most] where the strongest thing begins; `most` where nothing does.
int64_t LastCut(const Characters& characters, int64_t least, int64_t most) {
  for (const Begins wanted : {Begins::kParagraph, Begins::kSentence, Begins::kWord}) {
    for (int64_t at = most; at > least; --at) {
      if (characters.begins[static_cast<size_t>(at)] >= wanted) return at;
    }
  }
  return most;
}

// The first place in [least, end) where a sentence begins, else a word; `end` where neither does.
int64_t FirstStart(const Characters& characters, int64_t least, int64_t end) {
  for (const Begins wanted : {Begins::kSentence, Begins::kWord}) {
    for (int64_t at = least; at < end; ++at) {
      if (characters.begins[static_cast<size_t>(at)] >= wanted) return at;
    }
  }
  return end;
}

}  // namespace

std::vector<Window> FindWindows(std::string_view text, const WindowOptions& options) {
  std::vector<Window> windows;
  if (text.empty()) return windows;
  const int64_t size = std::max<int64_t>(options.size, 1);
  const int64_t overlap = std::clamp<int64_t>(options.overlap, 0, size / 2);
  const Characters characters = ReadCharacters(text);
  for (int64_t start = 0; true;) {
    const bool is_last = characters.size() - start <= size;
    // so full that the next one, with its overlap, begins a quarter of a window later: linear in the text's size
    const int64_t least = start + std::max(size / 2, overlap + size / 4);
    const int64_t end = is_last ? characters.size() : LastCut(characters, least, start + size);
    windows.push_back(
        {.bytes = {characters.offsets[static_cast<size_t>(start)], characters.offsets[static_cast<size_t>(end)]},
         .start = start,
         .end = end});
    if (is_last || static_cast<int64_t>(windows.size()) > options.max_windows) return windows;
    start = overlap == 0 ? end : FirstStart(characters, end - overlap, end);
  }
}

}  // namespace troupe::decompose
