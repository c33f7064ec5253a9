#include "tests/bench/decompose/documents.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <random>

#include "router/decompose/windows.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

int64_t CountCharacters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

bool Holds(const std::vector<int64_t>& sorted, int64_t at) {
  return std::binary_search(sorted.begin(), sorted.end(), at);
}

}  // namespace

Document MakeDocument(const Queries& queries, int64_t characters, uint64_t seed) {
  std::mt19937_64 random(seed);
  Document document;
  int64_t at = 0;
  size_t left = 0;  // sentences of the paragraph
  while (at < characters) {
    const auto& [intent, texts] = *std::next(queries.begin(), static_cast<ptrdiff_t>(random() % queries.size()));
    std::string sentence = texts[random() % texts.size()];
    while (!sentence.empty() && std::ispunct(static_cast<unsigned char>(sentence.back())) != 0) sentence.pop_back();
    if (sentence.empty()) continue;
    if (left == 0) left = 2 + random() % 7;
    --left;
    sentence += left == 0 ? ".\n\n" : ". ";
    at += CountCharacters(sentence);
    document.text += sentence;
    document.sentences.push_back(at);
    if (left == 0) document.paragraphs.push_back(at);
  }
  return document;
}

Value WindowFigures(const Document& document, int64_t size) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<decompose::Window> windows =
      decompose::FindWindows(document.text, {.size = size, .overlap = size / 10, .max_windows = 1'000'000});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  int64_t sentences = 0;
  int64_t paragraphs = 0;
  int64_t begins = 0;
  double filled = 0;
  for (const decompose::Window& window : windows) {
    sentences += Holds(document.sentences, window.end) ? 1 : 0;
    paragraphs += Holds(document.paragraphs, window.end) ? 1 : 0;
    begins += window.start == 0 || Holds(document.sentences, window.start) ? 1 : 0;
    filled += static_cast<double>(window.end - window.start) / static_cast<double>(size);
  }
  int64_t plain = 0;
  int64_t plain_hits = 0;
  for (int64_t at = size; at < windows.back().end; at += size, ++plain) plain_hits += Holds(document.sentences, at);
  const double count = static_cast<double>(windows.size());
  return {{"size", size},
          {"windows", windows.size()},
          {"end_with_a_sentence", Round(static_cast<double>(sentences) / count)},
          {"end_with_a_paragraph", Round(static_cast<double>(paragraphs) / count)},
          {"begin_with_a_sentence", Round(static_cast<double>(begins) / count)},
          {"filled", Round(filled / count)},
          {"every_size_characters_end_with_a_sentence",
           Round(static_cast<double>(plain_hits) / static_cast<double>(std::max<int64_t>(plain, 1)))},
          {"mb_per_second", Round(static_cast<double>(document.text.size()) / 1e6 / std::max(seconds, 1e-9))}};
}

}  // namespace troupe::bench
