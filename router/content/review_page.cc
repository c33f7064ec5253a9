#include "router/content/review_page.h"

#include <string_view>
#include <vector>

#include "router/content/character_classes.h"
#include "router/content/check_texts.h"
#include "router/content/escape.h"
#include "router/content/sample_text.h"
#include "runtime/base/utf8.h"

namespace troupe::content {
namespace {

constexpr const char* kHead =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n";
constexpr const char* kStyle =
    "<style>\nbody { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }\n"
    "h2 { margin: 2rem 0 .5rem }\narticle { border-left: 4px solid #999; margin: 1rem 0; padding: .2rem 1rem }\n"
    "article.accepted { border-color: #2a7 }\narticle.rejected { border-color: #c44; color: #777 }\n"
    ".text { white-space: pre-wrap; unicode-bidi: isolate; overflow-wrap: anywhere }\n"
    "mark { background: #fe9 }\n.facts { color: #666; font-size: .85rem }\n.problem { color: #b00; font-size: .85rem "
    "}\n"
    "</style>\n";

// What a page must not hold, and what is not seen, becomes a sign that is.
std::string Html(std::string_view text) {
  std::string visible;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t c = NextCodePoint(text, at);
    const bool newline = c == '\n';
    if (c == kBadUtf8) at = begin + 1;
    if (c == kBadUtf8 || (!newline && (IsControl(c) || IsBidiControl(c) || IsInvisible(c)))) {
      visible += "\ufffd";
    } else {
      visible += text.substr(begin, at - begin);
    }
  }
  std::string escaped;
  AppendEscaped(visible, Escape::kHtml, escaped);
  return escaped;
}

std::string Article(const ContentSet& set, const Text& text, const std::vector<std::string>& problems) {
  const std::string& state = TextStateNames()[static_cast<size_t>(text.state)];
  std::string html = "<article class=\"" + state + "\">\n<div class=\"text\">";
  for (const SamplePiece& piece : SampleOf(set, text)) {
    html += piece.is_value ? "<mark>" + Html(piece.text) + "</mark>" : Html(piece.text);
  }
  html += "</div>\n<div class=\"facts\">" + Html(text.id) + " · " + state;
  if (!text.writer.empty()) html += " · written by " + Html(text.writer);
  if (!text.reviewer.empty()) html += " · decided by " + Html(text.reviewer) + " " + Html(text.reviewed);
  if (!text.note.empty()) html += " · " + Html(text.note);
  html += "</div>\n";
  for (const std::string& problem : problems) html += "<div class=\"problem\">" + Html(problem) + "</div>\n";
  return html + "</article>\n";
}

}  // namespace

std::string ReviewPage(const ContentSet& set, const std::string& file) {
  const std::vector<std::vector<std::string>> problems = ProblemsOf(set);
  std::string html = std::string(kHead) + "<title>" + Html(set.name) + "</title>\n" + kStyle + "</head>\n<body>\n<h1>" +
                     Html(set.name) +
                     "</h1>\n<p>Values of slots are made up. Decide with <code>troupe content review " + Html(file) +
                     " --accept ID --reject ID --edit ID</code>.</p>\n";
  for (const Cell& cell : set.cells) {
    html += "<h2>" + Html(AudienceName(cell)) + "</h2>\n";
    for (size_t i = 0; i < set.texts.size(); ++i) {
      if (set.texts[i].cell == cell) html += Article(set, set.texts[i], problems[i]);
    }
  }
  return html + "</body>\n</html>\n";
}

}  // namespace troupe::content
