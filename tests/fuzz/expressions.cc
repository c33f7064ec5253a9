// Templates and expressions: compiled and rendered on values of every sort.
#include "runtime/text/template.h"
#include "tests/fuzz/files.h"
#include "tests/fuzz/target.h"

namespace troupe::fuzz {
namespace {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = {
      "{{ input.text }}",
      "{{ input.text | upper | replace('A', 'b') }} and {{ input.count + 1 }}",
      "{{ steps.parts[0].text }}",
      "{{ input.count * 2 // 3 % 5 ** 2 > 1 and not input.flag }}",
      "{% for part in steps.parts %}{{ loop.index }}: {{ part.text }}{% if not loop.last %}, {% endif %}{% endfor %}",
      "{% set x = namespace(n=0) %}{% for p in steps.parts %}{% set x.n = x.n + 1 %}{% endfor %}{{ x.n }}",
      "{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, b=3) }}",
      "{{ steps.parts | map(attribute='text') | join(', ') }}",
      "{{ steps.parts | selectattr('skill', 'eq', 'billing') | list | length }}",
      "{{ input | tojson }}",
      "{{ 'a' if input.flag else 'b' }}",
      "{{ range(3) | list }}",
      "{{ [1, 2.5, none, true, {'a': [1]}] }}",
      "{{ input.text[1:-1] ~ input.text[::-1] }}",
      "{% raw %}{{ x }}{% endraw %}{# a comment #}",
      "{{ previous.text is none or previous is defined }}",
      "{{ input.text is startingwith 'h' }}",
  };
  for (const char* folder : {"deploy/graphs", "tests/unit/graph/good"}) {
    for (std::string& seed : FilesBelow(folder, ".j2")) seeds.push_back(std::move(seed));
  }
  return seeds;
}

std::vector<std::string> Words() {
  std::vector<std::string> words = {"{{ ",
                                    " }}",
                                    "{% ",
                                    " %}",
                                    "{%- ",
                                    " -%}",
                                    "{# ",
                                    "for p in ",
                                    "endfor",
                                    "if ",
                                    "else",
                                    "elif ",
                                    "endif",
                                    "set x = ",
                                    "macro f(",
                                    "endmacro",
                                    "call ",
                                    "endcall",
                                    "filter ",
                                    "endfilter",
                                    "block a",
                                    "with ",
                                    "loop.",
                                    "recursive",
                                    "caller()",
                                    "raw",
                                    "endraw",
                                    " | ",
                                    " is ",
                                    " in ",
                                    " not ",
                                    " ~ ",
                                    "**",
                                    "//",
                                    "[::-1]",
                                    "(",
                                    ")",
                                    "{",
                                    "}",
                                    "[",
                                    "]",
                                    "'",
                                    "\"",
                                    "input.text",
                                    "steps.parts",
                                    "1e308",
                                    "9223372036854775807",
                                    "-1",
                                    "none",
                                    "\xff",
                                    "\\u0000",
                                    "é",
                                    "{{",
                                    "}}"};
  for (const auto& more : {text::AllowedFilters(), text::AllowedTests(), text::AllowedFunctions()}) {
    words.insert(words.end(), more.begin(), more.end());
  }
  return words;
}

const Value& Context() {
  static const Value context = {
      {"input",
       {{"text", "hëllo\n- wörld"}, {"count", 3}, {"flag", false}, {"big", 9'007'199'254'740'993}, {"x", 1.5}}},
      {"steps",
       {{"parts",
         {{{"text", "one"}, {"skill", "billing"}, {"index", 0}}, {{"text", "two"}, {"skill", "x"}, {"index", 1}}}},
        {"check", nullptr}}},
      {"previous", nullptr},
      {"part", "a part"}};
  return context;
}

std::optional<std::string> Take(const std::string& input) {
  text::TemplateError place;
  const auto compiled = text::Template::Compile("t", input, &place);
  if (!compiled) {
    if (compiled.error().message.empty() || place.message.empty()) return "refused without a reason";
    return std::nullopt;
  }
  for (const std::string& reference : compiled->References()) {
    if (reference.empty()) return "a reference to nothing";
  }
  const auto rendered = compiled->Render(Context());
  const auto value = compiled->Evaluate(Context());
  if (!rendered && rendered.error().message.empty()) return "failed without a reason";
  // What a template gives is stored and sent on: it must be JSON.
  if (value && !ParseValue(Dump(*value))) return "gives what is no JSON";
  return std::nullopt;
}

}  // namespace

const Target kExpressionsTarget = {.name = "expressions",
                                   .what = "templates and expressions: compile, render, evaluate",
                                   .seeds = Seeds,
                                   .words = Words,
                                   .take = Take};

}  // namespace troupe::fuzz
