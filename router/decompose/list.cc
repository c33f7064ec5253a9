#include "router/decompose/list.h"

#include <algorithm>
#include <optional>

#include "router/decompose/words.h"

namespace troupe::decompose {
namespace {

constexpr size_t kMostDigits = 3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// "12." or "12)" or "(12)" or "b)" or "(b)" at the start of `text`: its bytes, and its number (0 for a letter).
struct Label {
  size_t bytes = 0;
  int number = 0;
};

std::optional<Label> ReadLabel(std::string_view text) {
  const size_t open = text.starts_with('(') ? 1 : 0;
  size_t at = open;
  Label label;
  while (at < text.size() && at - open < kMostDigits && IsDigit(text[at])) {
    label.number = label.number * 10 + (text[at++] - '0');
  }
  const bool is_letter = at == open && at < text.size() && IsLetter(text[at]);
  if (is_letter) ++at;
  if (at == open || at == text.size()) return std::nullopt;
  const bool closes = text[at] == ')' || (text[at] == '.' && open == 0 && !is_letter);
  if (!closes) return std::nullopt;
  label.bytes = at + 1;
  return label;
}

// The bytes of a marker at the start of a line, with the blank after it; 0 for none.
size_t MarkerBytes(std::string_view line) {
  constexpr std::string_view kBullets[] = {"-", "*", "+", "\xE2\x80\xA2", "\xC2\xB7", "\xE2\x80\x93", "\xE2\x80\x94"};
  size_t bytes = 0;
  for (std::string_view bullet : kBullets) {
    if (line.starts_with(bullet)) bytes = bullet.size();
  }
  if (const auto label = ReadLabel(line)) bytes = label->bytes;
  if (bytes == 0) return 0;
  if (bytes == line.size()) return bytes;
  return IsBlank(line[bytes]) ? bytes + 1 : 0;
}

struct Line {
  size_t begin = 0;
  size_t indent = 0;
  size_t marker = 0;
  bool is_blank = true;
};

std::vector<Line> Lines(std::string_view text) {
  std::vector<Line> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    Line line{.begin = begin};
    size_t at = begin;
    while (at < end && IsBlank(text[at])) ++at;
    line.indent = at - begin;
    line.is_blank = at == end;
    line.marker = MarkerBytes(text.substr(at, end - at));
    lines.push_back(line);
    begin = end + 1;
  }
  return lines;
}

// Where an item begins, and where what it hands on begins and ends. Blanks are trimmed later.
struct Start {
  size_t begin = 0;
  size_t text = 0;
  std::optional<size_t> text_end = std::nullopt;
};

// Lines with markers; lines that go on with an item stay with it. Empty where the text is no such list.
std::vector<Start> MarkedLines(const std::vector<Line>& lines) {
  const auto is_marked = [](const Line& line) { return line.marker > 0; };
  const auto first = std::find_if(lines.begin(), lines.end(), is_marked);
  if (first == lines.end()) return {};
  const auto opening = std::find_if(lines.begin(), lines.end(), [](const Line& line) { return !line.is_blank; });
  const auto is_top = [&](const Line& line) { return is_marked(line) && line.indent <= first->indent; };
  if (opening != first && std::count_if(first, lines.end(), is_top) < 2) return {};
  std::vector<Start> starts = {{0, 0}};
  for (auto line = first; line != lines.end(); ++line) {
    // a line at the margin after a blank one is no longer part of the item above
    const bool is_over = line != first && !is_marked(*line) && !line->is_blank && std::prev(line)->is_blank &&
                         line->indent <= first->indent;
    if (is_top(*line) || is_over) starts.push_back({line->begin, line->begin + line->indent + line->marker});
  }
  return starts;
}

// "1) this 2) that": numbers that count from 1, each at the start of a word.
std::vector<Start> NumbersInLine(std::string_view text) {
  std::vector<Start> starts = {{0, 0}};
  int next = 1;
  for (size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && !IsBlank(text[at - 1])) continue;
    const auto label = ReadLabel(text.substr(at));
    if (!label || label->number != next) continue;
    const size_t after = at + label->bytes;
    if (after >= text.size() || !IsBlank(text[after])) continue;
    starts.push_back({at, after});
    ++next;
  }
  constexpr int kLeastNumbers = 2;
  return next > kLeastNumbers ? starts : std::vector<Start>();
}

std::vector<Start> BySeparator(std::string_view text, const std::string& separator) {
  std::vector<Start> starts = {{0, 0}};
  for (size_t at = text.find(separator); at != text.npos; at = text.find(separator, at + separator.size())) {
    starts.back().text_end = at;
    starts.push_back({at + separator.size(), at + separator.size()});
  }
  return starts;
}

std::vector<Start> FindStarts(std::string_view text, const std::string& separator) {
  if (!separator.empty()) return BySeparator(text, separator);
  const std::vector<Line> lines = Lines(text);
  std::vector<Start> starts = MarkedLines(lines);
  if (starts.empty()) starts = NumbersInLine(text);
  if (!starts.empty()) return starts;
  for (const Line& line : lines) starts.push_back({line.begin, line.begin});
  return starts;
}

Span Trim(std::string_view text, size_t begin, size_t end) {
  while (begin < end && IsBlank(text[begin])) ++begin;
  while (end > begin && IsBlank(text[end - 1])) --end;
  return {begin, end};
}

}  // namespace

std::vector<ListItem> SplitList(std::string_view text, const ListOptions& options) {
  const std::vector<Start> starts = FindStarts(text, options.separator);
  const size_t most = static_cast<size_t>(std::max(options.max_items, 1));
  std::vector<ListItem> items;
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t end = i + 1 < starts.size() ? starts[i + 1].begin : text.size();
    const Span inner = Trim(text, std::min(starts[i].text, end), starts[i].text_end.value_or(end));
    const bool is_blank = inner.begin == inner.end;
    if (!items.empty() && (is_blank || items.size() == most)) {
      items.back().whole.end = end;
      if (!is_blank) items.back().text.end = inner.end;
    } else if (!is_blank) {
      // what came before the first item with something in it is blank, so it stands with that item
      items.push_back({.whole = {items.empty() ? 0 : starts[i].begin, end}, .text = inner});
    }
  }
  return items;
}

Candidates ItemCandidates(std::string_view text, const std::vector<ListItem>& items, const Options& options) {
  Candidates found;
  if (items.empty()) return found;
  for (const ListItem& item : items) {
    const int from = static_cast<int>(found.nodes.size());
    found.nodes.push_back(item.whole.begin);
    found.kinds.push_back(CutKind::kSentence);
    Span span = item.text;
    span.end = CutBack(text, span.begin, std::min(span.end, span.begin + static_cast<size_t>(options.max_span_bytes)));
    const size_t words = FindWords(text.substr(span.begin, span.end - span.begin)).size();
    found.spans.push_back(
        {.from = from, .to = from + 1, .text = span, .words = static_cast<int>(std::max<size_t>(words, 1))});
  }
  found.nodes.push_back(text.size());
  found.kinds.push_back(CutKind::kSentence);
  return found;
}

}  // namespace troupe::decompose
