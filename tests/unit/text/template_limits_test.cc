// Templates that try to take the process down: each ends soon, with an error that says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/text/template.h"

namespace troupe::text {
namespace {

using testing::HasSubstr;

Result<std::string> RenderOnce(const std::string& source, const Value& context = Value::object()) {
  auto made = Template::Compile("t", source);
  if (!made) return made.error();
  return made->Render(context);
}

void ExpectExhausted(const std::string& source, const Value& context = Value::object()) {
  auto text = RenderOnce(source, context);
  ASSERT_FALSE(text) << source << " gave " << text->size() << " bytes";
  EXPECT_EQ(text.error().code, Code::kResourceExhausted) << source << ": " << text.error().message;
}

TEST(TemplateLimits, NestedLoops) {
  ExpectExhausted(
      "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor "
      "%}");
}

TEST(TemplateLimits, DoublingStrings) {
  std::string source = "{% set s = 'x' %}";
  for (int i = 0; i < 60; ++i) source += "{% set s = s ~ s %}";
  ExpectExhausted(source + "{{ s }}");
  ExpectExhausted("{% set n = namespace(s='xx') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}");
  ExpectExhausted("{{ ('x' * 1000000000) | length }}");
  ExpectExhausted("{{ s | replace('', s) | replace('', s) }}", {{"s", std::string(5000, 'x')}});
}

TEST(TemplateLimits, FiltersThatGrow) {
  for (const char* source :
       {"{{ [0] * 1000000000 }}", "{{ [1] | slice(1000000000) | list }}", "{{ [1] | batch(1000000000, 0) | list }}",
        "{{ 'a\nb' | indent(1000000000) }}", "{{ range(99999) | list | sum(start=range(9)) }}"}) {
    auto text = RenderOnce(source);
    ASSERT_FALSE(text) << source << " gave " << text->size() << " bytes";
  }
}

TEST(TemplateLimits, EndlessMacro) {
  auto text = RenderOnce("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}");
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("recursion"));
}

TEST(TemplateLimits, OutputIsBounded) {
  TemplateLimits limits;
  limits.output_bytes = 10;
  auto made = Template::Compile("t", "{{ s }}{{ s }}", nullptr, limits);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->Render({{"s", "12345"}})->size(), 10u);
  auto text = made->Render({{"s", "123456"}});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::kResourceExhausted);
  EXPECT_THAT(text.error().message, HasSubstr("10 bytes"));
}

TEST(TemplateLimits, DeepSourcesAreRefused) {
  std::string parens = "{{ " + std::string(50'000, '(') + "1" + std::string(50'000, ')') + " }}";
  EXPECT_FALSE(RenderOnce(parens));
  std::string lists = "{{ " + std::string(50'000, '[') + std::string(50'000, ']') + " }}";
  EXPECT_FALSE(RenderOnce(lists));
  std::string nots = "{{ ";
  for (int i = 0; i < 30'000; ++i) nots += "not ";
  EXPECT_FALSE(RenderOnce(nots + "1 }}"));
  std::string ifs = "{% if 1 %}", elifs = ifs;
  for (int i = 0; i < 5'000; ++i) {
    ifs = "{% if 1 %}" + ifs + "{% endif %}";
    elifs += "{% elif 1 %}";
  }
  EXPECT_FALSE(RenderOnce(ifs + "{% endif %}"));
  EXPECT_FALSE(RenderOnce(elifs + "{% endif %}"));
}

TEST(TemplateLimits, LongChainsAreRefusedBeforeTheyFillTheStack) {
  std::string sum = "{{ 1", filters = "{{ 'a'", attributes = "{{ a";
  for (int i = 0; i < 40'000; ++i) {
    sum += "+1";
    filters += "|upper";
    attributes += ".a";
  }
  for (const std::string& source : {sum, filters, attributes}) {
    auto text = RenderOnce(source + " }}", {{"a", 1}});
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message, HasSubstr("line 1 column"));
  }
}

// What is just allowed must fit a thread's stack.
TEST(TemplateLimits, TheLongestAllowedChainsRun) {
  std::string sum = "{{ 1", nots = "{{ ", elifs = "{% if 0 %}";
  for (int i = 0; i < 1'900; ++i) {
    sum += "+1";
    nots += "not not ";
    elifs += "{% elif 0 %}";
  }
  EXPECT_EQ(*RenderOnce(sum + " }}"), "1901");
  EXPECT_EQ(*RenderOnce(nots + "a }}", {{"a", true}}), "True");
  (void)RenderOnce(elifs + "{% endif %}");
}

}  // namespace
}  // namespace troupe::text
