// A running task as lines for a terminal: what the live view shows, redrawn in place several times a second. Pure: the
// view, the time and the terminal's size come in, lines without newlines go out, none wider than the terminal. All text
// that models and users wrote is neutralised here.
#pragma once

#include <string>
#include <vector>

#include "router/cli/task_view.h"

namespace troupe::cli {

struct ScreenStyle {
  int width = 80;
  int height = 24;
  bool colour = true;
  // Off for terminals that draw only ASCII.
  bool unicode = true;
  // The --router of commands that are shown; empty where they find it without.
  std::string router;
};

enum class Moment {
  kLive,   // finished rounds folded away, no more lines than the terminal has
  kFinal,  // everything, once
};

// `now_ms` ends the times of what still runs; `frame` turns the spinner.
std::vector<std::string> RenderScreen(const TaskView& view, UnixMs now_ms, int frame, const ScreenStyle& style,
                                      Moment moment);

// The answer for a person: a string as it is, an object's "text" where it has one, else indented JSON.
std::string AnswerText(const Value& output);

// Text in colour, or as it is where colours are off. `code` is an SGR parameter, for example "31" for red.
std::string Paint(const std::string& text, const char* code, bool colour);

}  // namespace troupe::cli
