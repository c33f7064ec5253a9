// Cuts a long document into windows that a small model can read, for map-reduce. Pure, linear in the document's size.
//
// A window ends at the end of a paragraph where there is one past its middle, else of a sentence, else of a word,
// else wherever it is full; the next one begins up to `overlap` characters earlier, at the start of a sentence or word.
// Sizes and places are counted in characters (Unicode code points), as templates count them. Joined without their
// overlaps the windows are the document, byte for byte.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "router/decompose/decompose.h"

namespace troupe::decompose {

struct WindowOptions {
  // Characters of a window at most, at least 1.
  int64_t size = 2000;
  // Characters that a window repeats of the one before at most; from 0 to half of `size`.
  int64_t overlap = 0;
  // More windows than this are not looked for: one more is given, so that it shows.
  int64_t max_windows = 10'000;
};

struct Window {
  Span bytes;
  // The same in characters, from the document's start.
  int64_t start = 0;
  int64_t end = 0;

  bool operator==(const Window&) const = default;
};

// An empty text has no windows. Sizes out of range are brought into it.
std::vector<Window> FindWindows(std::string_view text, const WindowOptions& options);

}  // namespace troupe::decompose
