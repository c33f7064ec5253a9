// Text for a terminal: how many columns it takes, cutting and wrapping it to fit, and making text that a model or a
// user wrote harmless (no escape sequence of theirs reaches the terminal). Pure functions on UTF-8; broken UTF-8
// becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

enum class Newlines {
  kKeep,     // '\n' stays
  kFlatten,  // runs of blanks and newlines become one space
};

// Replaces what could steer a terminal or hide text: C0 and C1 controls, escape sequences' first byte, bidirectional
// overrides, line separators. C0 controls become their pictures (U+2400...), the rest U+FFFD.
std::string Neutralise(std::string_view text, Newlines newlines);

// Columns that `text` takes on a terminal: 0 for combining marks, 2 for wide characters. Expects neutralised text.
int DisplayWidth(std::string_view text);

// At most `columns` columns: the beginning, with "…" at the end where something was cut.
std::string Clip(std::string_view text, int columns);

// At most `columns` columns: the end, with "…" at the beginning where something was cut.
std::string ClipStart(std::string_view text, int columns);

// `text` cut to `columns`, then filled with blanks to exactly that.
std::string PadRight(std::string_view text, int columns);
std::string PadLeft(std::string_view text, int columns);

// Lines of at most `columns` columns, broken at blanks where possible; '\n' begins a new line.
std::vector<std::string> Wrap(std::string_view text, int columns);

}  // namespace troupe::cli
