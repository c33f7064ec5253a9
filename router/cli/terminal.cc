#include "router/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "router/cli/text_width.h"

namespace troupe::cli {
namespace {

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void Write(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

// The first of LC_ALL, LC_CTYPE, LANG that is set decides (POSIX 8.2); none set means a bare container, where UTF-8
// works.
bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = Environment(name);
    if (value.empty()) continue;
    if (value == "C" || value == "POSIX") return true;
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
  }
  return true;
}

}  // namespace

bool IsTerminal(std::FILE* stream) { return isatty(fileno(stream)) == 1 && Environment("TERM") != "dumb"; }

ScreenStyle StyleOf(std::FILE* stream) {
  ScreenStyle style;
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    style.width = size.ws_col;
    style.height = size.ws_row;
  }
  style.colour = IsTerminal(stream) && Environment("NO_COLOR").empty();
  style.unicode = LocaleIsUtf8() && Environment("TERM") != "linux";
  return style;
}

int TableWidth() { return IsTerminal(stdout) ? StyleOf(stdout).width : 0; }

LivePainter::LivePainter(std::FILE* stream) : stream_(stream) {}

LivePainter::~LivePainter() {
  if (cursor_hidden_) Write(stream_, "\x1b[?25h");
}

void LivePainter::Paint(const std::vector<std::string>& lines) {
  std::string out;
  if (!cursor_hidden_) out += "\x1b[?25l";
  cursor_hidden_ = true;
  if (painted_ > 0) out += "\x1b[" + std::to_string(painted_) + "A";
  // no wrapping while painting: a terminal narrowed a moment ago must not grow extra lines
  out += "\r\x1b[?7l";
  for (const std::string& line : lines) out += "\x1b[2K" + line + "\n";
  out += "\x1b[J\x1b[?7h";
  painted_ = lines.size();
  Write(stream_, out);
}

void LivePainter::Clear() {
  std::string out;
  if (painted_ > 0) out += "\x1b[" + std::to_string(painted_) + "A\r\x1b[J";
  if (cursor_hidden_) out += "\x1b[?25h";
  cursor_hidden_ = false;
  painted_ = 0;
  Write(stream_, out);
}

void LivePainter::Print(const std::vector<std::string>& lines) {
  Clear();
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  Write(stream_, out);
}

void PrintText(std::FILE* stream, const std::string& text) {
  std::string out = isatty(fileno(stream)) == 1 ? Neutralise(text, Newlines::kKeep) : text;
  if (!out.ends_with('\n')) out += '\n';
  Write(stream, out);
}

void PrintJson(std::FILE* stream, const Value& value) {
  const bool ascii = isatty(fileno(stream)) == 1;
  // DEL is the one control character that JSON's own rules let through as ASCII
  std::string text = value.dump(-1, ' ', ascii, Value::error_handler_t::replace);
  for (size_t at = 0; ascii && (at = text.find('\x7f', at)) != std::string::npos;) text.replace(at, 1, "\\u007f");
  Write(stream, text + "\n");
}

}  // namespace troupe::cli
