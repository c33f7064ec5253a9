// A file of texts and values for its slots, from strangers both: what is taken as right is published and filled in, and
// then no value may have become more than a value. One input is both, with a line of "---" between them.
#include <algorithm>

#include "router/content/library.h"
#include "router/content/parse.h"
#include "router/content/release.h"
#include "tests/fuzz/files.h"
#include "tests/fuzz/target.h"

namespace troupe::fuzz {
namespace {

constexpr std::string_view kBetween = "\n---\n";

std::vector<std::string> Seeds() {
  const std::string texts = ReadFile(SourcePath("tests/unit/content/good/birthday.texts.yaml"));
  std::vector<std::string> seeds;
  for (const char* value : {"Ann", "<script>", "\"'>", "a&b", "{{code}}", "\u202e", "javascript:f()"}) {
    seeds.push_back(texts + std::string(kBetween) + value);
  }
  return seeds;
}

std::vector<std::string> Words() {
  return {"{{first_name}}",
          "{{code}}",
          "{{shop}}",
          "{{",
          "}}",
          "<a href=\"",
          "<p title='",
          "<script>",
          "</script>",
          "<style>",
          "<!--",
          "-->",
          "<svg>",
          "onclick=\"",
          " style=",
          "\">",
          "'>",
          ">",
          "<",
          "/",
          "=",
          "&",
          "javascript:",
          "https://a.example/",
          "\n    - ",
          "state: accepted",
          "weight: 0",
          "text: |-\n        ",
          "\xff",
          "\u2028",
          "\0"};
}

// Signs that end what stands around a value in HTML; how many there are must not depend on values.
int64_t Signs(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return c == '<' || c == '>' || c == '"' || c == '\''; });
}

std::optional<std::string> FillAll(const content::ContentSet& set, const std::string& value) {
  const auto release = content::MakeRelease(set, content::Gaps::kLeftOut);
  // no text is accepted any more
  if (!release) return std::nullopt;
  const auto library = content::Library::Of(*release, nullptr);
  if (!library) return "what was released cannot be read: " + library.error().message;
  for (const auto& [audience, manifest] : release->manifests) {
    for (const char* user : {"a", "b", "c", "d"}) {
      const std::vector<content::SlotValue> plain = {{"amount", "1"}, {"until", "2026-12-24"}, {"code", "x"}};
      const std::vector<content::SlotValue> odd = {{"amount", "1"}, {"until", "2026-12-24"}, {"code", value}};
      const auto expected = (*library)->Fill({set.name, audience, user, plain});
      const auto filled = (*library)->Fill({set.name, audience, user, odd});
      if (!expected) return "plain values are refused: " + expected.error().message;
      if (filled && Signs(filled->text) != Signs(expected->text))
        return "a value became more than a value: " + filled->text;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Take(const std::string& input) {
  static const std::string kSet = ReadFile(SourcePath("tests/unit/content/good/birthday.yaml"));
  const size_t between = input.rfind(kBetween);
  const std::string value = between == input.npos ? "x" : input.substr(between + kBetween.size());
  const content::ParsedSet parsed =
      content::ParseContentSet({.yaml = kSet,
                                .file_name = "x.yaml",
                                .files = {{"birthday.texts.yaml", input.substr(0, between)}, {"birthday.j2", "x"}}});
  for (const auto& finding : parsed.findings) {
    if (finding.message.empty()) return "a finding that says nothing";
  }
  if (parsed.set == nullptr) {
    return parsed.findings.empty() ? std::optional<std::string>("refused without a reason") : std::nullopt;
  }
  return FillAll(*parsed.set, value);
}

}  // namespace

const Target kContentTarget = {.name = "content",
                               .what = "files of texts and values for their slots: lint, release, fill",
                               .seeds = Seeds,
                               .words = Words,
                               .take = Take};

}  // namespace troupe::fuzz
