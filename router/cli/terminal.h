// The terminal itself: whether a stream is one, how large it is, whether colours are welcome, and a painter that
// redraws lines in place. Main thread only. The painter puts the cursor back when it goes out of scope.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "router/cli/screen.h"

namespace troupe::cli {

// True where `stream` is a terminal that can redraw (TERM is not "dumb").
bool IsTerminal(std::FILE* stream);

// Size as it is now; colours off with NO_COLOR (no-color.org) or where it is no terminal; ASCII where the locale or the
// console asks for it. 80 columns where the size is not known.
ScreenStyle StyleOf(std::FILE* stream);

// Columns that a table on stdout may take; 0, for as many as it likes, where that is no terminal.
int TableWidth();

// Shows lines at the bottom of the terminal and replaces them with the next call.
class LivePainter {
 public:
  explicit LivePainter(std::FILE* stream);
  ~LivePainter();
  LivePainter(const LivePainter&) = delete;
  LivePainter& operator=(const LivePainter&) = delete;

  // Replaces what was painted before. Lines must not be wider than the terminal.
  void Paint(const std::vector<std::string>& lines);
  // Takes away what was painted.
  void Clear();
  // Clear, print these lines for good, go on below.
  void Print(const std::vector<std::string>& lines);

 private:
  std::FILE* stream_;
  size_t painted_ = 0;
  bool cursor_hidden_ = false;
};

// Writes `text` and a newline where it does not end with one. Text goes to a terminal neutralised, to a pipe as it is.
void PrintText(std::FILE* stream, const std::string& text);

// JSON on one line; non-ASCII escaped where `stream` is a terminal, so that no control character reaches it.
void PrintJson(std::FILE* stream, const Value& value);

}  // namespace troupe::cli
