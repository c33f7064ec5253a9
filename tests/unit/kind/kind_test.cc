#include "runtime/kind/kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::kind {
namespace {

using testing::HasSubstr;

TEST(Kinds, EveryOneCompiledInParses) {
  std::vector<std::string> names;
  for (const auto& kind : AllKinds()) {
    names.push_back(kind.name);
    EXPECT_FALSE(kind.summary.empty()) << kind.name;
    for (const auto& config : kind.config) {
      EXPECT_FALSE(config.field.doc.empty()) << kind.name << "." << config.field.name;
    }
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"scripted", "embed", "classify", "extract", "generate", "retrieve"}));
}

TEST(Kinds, GenerateSaysWhatItTakesAndGives) {
  const Kind* kind = FindKind("generate");
  ASSERT_NE(kind, nullptr);
  EXPECT_TRUE(kind->streams);
  EXPECT_FALSE(kind->deterministic);
  EXPECT_EQ(kind->model, ModelUse::kRequired);
  EXPECT_EQ(kind->tokens_field, "maxTokens");
  EXPECT_EQ(kind->output.Find("text")->type.kind, Type::Kind::kString);
  EXPECT_EQ(kind->FindConfig("maxTokens")->field.default_value, 256);
  EXPECT_TRUE(kind->FindConfig("schema")->is_file);
  EXPECT_TRUE(FindKind("retrieve")->FindConfig("documents")->is_folder);
  EXPECT_EQ(FindKind("extract")->output_from_schema, "schema");
  EXPECT_EQ(FindKind("generat"), nullptr);
}

TEST(Kinds, AFieldOfTheConfigurationMaySilenceAKind) {
  const Kind* scripted = FindKind("scripted");
  ASSERT_NE(scripted, nullptr);
  EXPECT_TRUE(scripted->StreamsWith(Value::object()));
  EXPECT_TRUE(scripted->StreamsWith({{"echo", false}}));
  EXPECT_FALSE(scripted->StreamsWith({{"echo", true}}));
  EXPECT_TRUE(FindKind("generate")->StreamsWith({{"echo", true}}));
  EXPECT_FALSE(FindKind("embed")->StreamsWith(Value::object()));
}

TEST(Kinds, SomeSayHowSureTheyAre) {
  EXPECT_EQ(FindKind("classify")->confidence_field, "score");
  EXPECT_EQ(FindKind("generate")->confidence_field, "");
  // one that names what its output does not surely have
  for (const char* output : {"{label: string}", "{score: string}", "{score: {type: number, optional: true}}"}) {
    const auto kind =
        ParseKind(std::string("kind: guess\nconfidence: score\ninput: {type: any}\noutput: {fields: ") + output + "}\n",
                  "kind.yaml");
    ASSERT_FALSE(kind) << output;
    EXPECT_THAT(kind.error().message,
                HasSubstr("kind.yaml:2:13: error: 'score' is no number that the output always has"));
  }
}

TEST(Kinds, SomeSayWhatOfTheirOutputIsTheAnswer) {
  EXPECT_EQ(FindKind("classify")->answer_field, "label");
  EXPECT_EQ(FindKind("scripted")->answer_field, "");
  for (const char* output : {"{score: number}", "{label: {type: string, optional: true}}"}) {
    const auto kind = ParseKind(
        std::string("kind: guess\nanswer: label\ninput: {type: any}\noutput: {fields: ") + output + "}\n", "kind.yaml");
    ASSERT_FALSE(kind) << output;
    EXPECT_THAT(kind.error().message, HasSubstr("kind.yaml:2:9: error: 'label' is nothing that the output always has"));
  }
}

TEST(Kinds, AWrongFileTellsEverythingAtItsPlace) {
  // given
  const char* yaml = R"(kind: Bad Name
modle: required
model: sometimes
config:
  k: {type: intger, min: 1}
  d: {type: integer, default: x}
output: {fromSchema: nothing}
tokens: maxTokens
)";
  // when
  auto kind = ParseKind(yaml, "kind.yaml");
  // then
  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, Code::kInvalidArgument);
  for (const char* wanted :
       {"kind.yaml:1:1: error: the kind has no 'input'; say what it takes",
        "kind.yaml:1:7: error: 'Bad Name' is no DNS label", "kind.yaml:2:1: error: unknown key 'modle' in the kind",
        "kind.yaml:3:8: error: 'model' must be none, optional or required, got the text 'sometimes'",
        "kind.yaml:5:13: error: unknown type 'intger'; did you mean 'integer'?",
        "kind.yaml:6:31: error: default: must be an integer, got \"x\"",
        "kind.yaml:7:9: error: 'nothing' is not among the configuration's fields",
        "kind.yaml:8:9: error: 'maxTokens' is not among the configuration's fields"}) {
    EXPECT_THAT(kind.error().message, HasSubstr(wanted));
  }
}

}  // namespace
}  // namespace troupe::kind
