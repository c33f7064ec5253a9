#include "runtime/text/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::text {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Template Make(std::string_view source) {
  auto made = Template::Compile("t.j2", source);
  EXPECT_TRUE(made) << source << ": " << made.error().message;
  return *made;
}

const Value& Context() {
  static const Value context = {
      {"input", {{"message", "hi \"there\""}, {"n", 3}, {"list", {1, 2, 3}}, {"big", 9007199254740993}}},
      {"steps", {{"a", {{"text", "done"}, {"score", 0.5}, {"ok", true}}}, {"skipped", nullptr}}},
      {"part", {{"skill", "billing"}}},
  };
  return context;
}

std::string RenderError(std::string_view source) {
  auto text = Make(source).Render(Context());
  EXPECT_FALSE(text) << source << " gave " << *text;
  return text ? "" : text.error().message;
}

TEST(Template, RendersText) {
  EXPECT_EQ(*Make("Say {{ input.message }}, {{ input.n + 1 }} times.").Render(Context()), "Say hi \"there\", 4 times.");
  EXPECT_EQ(*Make("{% for x in input.list %}{{ x }}{{ ', ' if not loop.last }}{% endfor %}").Render(Context()),
            "1, 2, 3");
  EXPECT_EQ(*Make("{{ '<b>' }}").Render(Context()), "<b>");
  EXPECT_EQ(*Make("no braces\n").Render(Context()), "no braces\n");
}

TEST(Template, LoneExpressionKeepsItsType) {
  EXPECT_EQ(*Make("{{ input.n }}").Evaluate(Context()), Value(3));
  EXPECT_EQ(*Make("{{ input.big }}").Evaluate(Context()), Value(9007199254740993));
  EXPECT_EQ(*Make(" {{ input.list }} ").Evaluate(Context()), (Value{1, 2, 3}));
  EXPECT_EQ(*Make("{{ part.skill == 'billing' }}").Evaluate(Context()), Value(true));
  EXPECT_EQ(*Make("{{ input.n / 2 }}").Evaluate(Context()), Value(1.5));
  EXPECT_EQ(*Make("{{ {'a': {'b': 1}} }}").Evaluate(Context()), (Value{{"a", {{"b", 1}}}}));
  EXPECT_EQ(*Make("{{ steps.skipped }}").Evaluate(Context()), Value(nullptr));
  EXPECT_EQ(*Make("{{ 'x }} {{ y' }}").Evaluate(Context()), Value("x }} {{ y"));
  // and these are strings
  EXPECT_EQ(*Make("{{ input.n }}{{ input.n }}").Evaluate(Context()), Value("33"));
  EXPECT_EQ(*Make("n={{ input.n }}").Evaluate(Context()), Value("n=3"));
  EXPECT_EQ(*Make("{% if true %}{{ input.n }}{% endif %}").Evaluate(Context()), Value("3"));
  EXPECT_EQ(*Make("3").Evaluate(Context()), Value("3"));
}

TEST(Template, PlainPathGivesTheSameAsTheEngine) {
  for (const char* path :
       {"input", "input.message", "input.list", "steps.a", "steps.a.score", "steps.skipped", "part"}) {
    Template fast = Make("{{ " + std::string(path) + " }}");
    Template slow = Make("{{ (" + std::string(path) + ") if true else 0 }}");
    ASSERT_FALSE(fast.PlainPath().empty()) << path;
    ASSERT_TRUE(slow.PlainPath().empty()) << path;
    EXPECT_EQ(*fast.Evaluate(Context()), *slow.Evaluate(Context())) << path;
  }
  EXPECT_THAT(Make("{{ steps.a.text }}").PlainPath(), ElementsAre("steps", "a", "text"));
  EXPECT_TRUE(Make("{{ range }}").PlainPath().empty());
  EXPECT_TRUE(Make("{{ input.list[0] }}").PlainPath().empty());
}

TEST(Template, UnknownNamesAreErrorsWithTheirPlace) {
  EXPECT_THAT(RenderError("a\n  {{ nope }}"), HasSubstr("t.j2: line 2 column 6: "));
  EXPECT_THAT(RenderError("{{ input.nope }}"), HasSubstr("undefined"));
  EXPECT_THAT(RenderError("{{ steps.skipped.text }}"), HasSubstr("line 1 column"));
  EXPECT_THAT(RenderError("{% if nope %}x{% endif %}"), HasSubstr("undefined"));
  EXPECT_THAT(RenderError("{% for x in nope %}x{% endfor %}"), HasSubstr("undefined"));
  EXPECT_THAT(RenderError("{{ nope | upper }}"), HasSubstr("undefined"));
  // also where the type would be kept, fast path or not
  for (const char* source : {"{{ nope }}", "{{ input.nope }}", "{{ steps.skipped.text }}", "{{ input.list.a }}",
                             "{{ input['nope'] }}", "{{ nope == 1 }}", "{{ input.message.x }}"}) {
    auto value = Make(source).Evaluate(Context());
    ASSERT_FALSE(value) << source << " gave " << value->dump();
    EXPECT_EQ(value.error().code, Code::kInvalidArgument);
    EXPECT_THAT(value.error().message, HasSubstr("line 1 column")) << source;
  }
}

TEST(Template, NoneAndDefaultsCanBeAskedFor) {
  EXPECT_EQ(*Make("{{ steps.skipped is none }}").Evaluate(Context()), Value(true));
  EXPECT_EQ(*Make("{{ input.nope is defined }}").Evaluate(Context()), Value(false));
  EXPECT_EQ(*Make("{{ input.nope | default('x') }}").Evaluate(Context()), Value("x"));
  EXPECT_EQ(*Make("{% if steps.skipped %}a{% else %}b{% endif %}").Render(Context()), "b");
}

TEST(Template, References) {
  EXPECT_THAT(Make("{{ steps.facts.order }}{{ input.message }}{{ part }}").References(),
              ElementsAre("input.message", "part", "steps.facts.order"));
  EXPECT_THAT(Make("{{ steps['facts'].order }}{{ steps.list[0].x }}{{ a[b.c].d }}").References(),
              ElementsAre("a", "b.c", "steps.facts.order", "steps.list"));
  EXPECT_THAT(Make("{% for p in parts %}{{ p.text }}{{ loop.index }}{% endfor %}{{ p }}").References(),
              ElementsAre("p", "parts"));
  EXPECT_THAT(Make("{% set x = a.b %}{{ x.c }}{% macro m(y) %}{{ y }}{{ z }}{% endmacro %}{{ m(q) }}").References(),
              ElementsAre("a.b", "q", "z"));
  EXPECT_THAT(Make("{{ text.x[:n] | replace(from, 'b') is startingwith(t) }}{{ range(k) }}").References(),
              ElementsAre("from", "k", "n", "t", "text.x"));
  EXPECT_THAT(Make("{{ {'a': b, c: 1} }}{% if d and not e %}{% endif %}{{ f.items() }}").References(),
              ElementsAre("b", "c", "d", "e", "f"));
  EXPECT_THAT(Make("{% with a = b %}{{ a }}{% endwith %}{% filter upper %}{{ g.h }}{% endfilter %}").References(),
              ElementsAre("b", "g.h"));
  EXPECT_TRUE(Make("plain").References().empty());
}

TEST(Template, OnlyWhatIsReferredToIsNeeded) {
  // "steps" as a whole and a part of it: the whole must be there
  EXPECT_EQ(*Make("{{ steps.a.text }} {{ steps | length }}").Render(Context()), "done 2");
  EXPECT_EQ(*Make("{{ steps.a.text }}{% if steps.a.ok %}!{% endif %}").Render(Context()), "done!");
  EXPECT_EQ(*Make("{{ steps-a }}").Evaluate({{"steps", 5}, {"steps-a", 1}, {"a", 2}}), Value(3));
}

TEST(Template, SyntaxErrorsHaveAPlace) {
  TemplateError place;
  auto made = Template::Compile("reply.j2", "line one\n{{ a + }}", &place);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kInvalidArgument);
  EXPECT_EQ(place.line, 2);
  EXPECT_GT(place.column, 1);
  EXPECT_THAT(made.error().message, HasSubstr("reply.j2: line 2 column "));
  EXPECT_FALSE(Template::Compile("t", "{% for x in y %}"));
  EXPECT_FALSE(Template::Compile("t", "{{ a"));
  EXPECT_FALSE(Template::Compile("t", "\xFF{{ a }}"));
  EXPECT_FALSE(Template::Compile("t", std::string(1 << 20, 'x')));
}

TEST(Template, ForbiddenUsesAreFoundBeforeRunning) {
  struct Case {
    const char* source;
    int line, column;
    const char* message;
  };
  for (const Case& bad : {
           Case{"{{ a | uper }}", 1, 8, "did you mean 'upper'?"},
           Case{"x\n{{ a | lower | random }}", 2, 16, "filter 'random'"},
           Case{"{{ now() }}", 1, 4, "function 'now'"},
           Case{"{{ rnage(3) }}", 1, 4, "did you mean 'range'?"},
           Case{"{% if a is defned %}{% endif %}", 1, 12, "did you mean 'defined'?"},
           Case{"{{ a | format(1) }}", 1, 8, "filter 'format'"},
           Case{"{{ debug() }}", 1, 4, "function 'debug'"},
           Case{"{% filter nope %}{% endfilter %}", 1, 11, "filter 'nope'"},
           Case{"{% autoescape true %}{% endautoescape %}", 1, 4, "autoescape"},
       }) {
    TemplateError place;
    auto made = Template::Compile("t", bad.source, &place);
    ASSERT_FALSE(made) << bad.source;
    EXPECT_EQ(place.line, bad.line) << bad.source << ": " << place.message;
    EXPECT_EQ(place.column, bad.column) << bad.source << ": " << place.message;
    EXPECT_THAT(place.message, HasSubstr(bad.message)) << bad.source;
  }
  for (const char* source :
       {"{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{% block b %}{% endblock %}"}) {
    EXPECT_FALSE(Template::Compile("t", source)) << source;
  }
}

TEST(Template, EveryAllowedNameIsThere) {
  for (const std::string& filter : AllowedFilters()) {
    // Wrong arguments may be refused, an unknown filter may not be what is said.
    auto value = Make("{{ [1] | map('" + filter + "') | list }}").Evaluate(Context());
    if (!value) {
      EXPECT_THAT(value.error().message, Not(HasSubstr("unknown filter"))) << filter;
    }
  }
  auto forbidden = Make("{{ [1] | map('pprint') | list }}").Evaluate(Context());
  ASSERT_FALSE(forbidden);
  EXPECT_THAT(forbidden.error().message, HasSubstr("unknown filter"));
  EXPECT_THAT(AllowedFilters(), Contains("join"));
  EXPECT_THAT(AllowedTests(), Contains("none"));
  EXPECT_THAT(AllowedFunctions(), ElementsAre("dict", "namespace", "range"));
}

TEST(Template, FiltersForPrompts) {
  auto text = [](std::string_view source) {
    auto made = Make(source).Render(Context());
    return made ? *made : made.error().message;
  };
  EXPECT_EQ(text("{{ input.list | join(', ') | upper }}"), "1, 2, 3");
  EXPECT_EQ(text("{{ steps.a | tojson }}"), R"({"ok": true, "score": 0.5, "text": "done"})");
  EXPECT_EQ(text("{{ 'a<b>\\'' | tojson }}"), "\"a<b>'\"");
  EXPECT_EQ(text("{{ [1] | tojson(indent=2) }}"), "[\n  1\n]");
  EXPECT_EQ(text("{{ 'one two three four' | truncate(9) }}{{ 'short' | truncate(3) }}"), "one...short");
  EXPECT_EQ(text("{{ 'a\nb' | splitlines | length }}"), "2");
  EXPECT_EQ(text("{{ [{'x': 2}, {'x': 1}] | map(attribute='x') | sort | first }}"), "1");
  EXPECT_EQ(text("{{ 'a,b' | split(',') | last }}{{ ' x ' | trim }}{{ 2.6 | round | int }}"), "bx3");
  EXPECT_EQ(text("{% for k, v in {'b': 1, 'a': 2} | dictsort %}{{ k }}{{ v }}{% endfor %}"), "a2b1");
}

}  // namespace
}  // namespace troupe::text
