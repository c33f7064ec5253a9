// Cuts a document into passages: whole paragraphs where they fit, else whole sentences, else words. Markdown headings
// are not passages of their own: each passage knows the heading it stands under. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::retrieve {

struct ChunkOptions {
  // Characters (code points) in a passage at most.
  int64_t size = 800;
  // Characters of a passage, at most, that the next one of the same paragraph run begins with; whole sentences only.
  int64_t overlap = 0;
};

struct Passage {
  std::string text;
  // The nearest heading above it, without its marks; empty if there is none.
  std::string title;
  // The line it begins on, from 1.
  int64_t line = 1;

  bool operator==(const Passage&) const = default;
};

// `text` is valid UTF-8. No passage is empty; put together they hold every word of the text that is not in a heading,
// and a heading with nothing under it becomes a passage itself.
std::vector<Passage> Chunk(std::string_view text, const ChunkOptions& options);

}  // namespace troupe::retrieve
