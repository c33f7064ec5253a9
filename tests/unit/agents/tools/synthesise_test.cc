// The whole command, with a teacher of random weights that knows bytes and an encoder of random weights that knows
// letters: what is written makes no sense, all that is done with it does.
#include "agents/tools/synthesise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <set>

#include "runtime/base/digest.h"
#include "runtime/base/utf8.h"
#include "runtime/train/labelled_texts.h"
#include "tests/unit/agents/tools/command_test.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SynthesiseTest : public CommandTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    std::string csv = "text,label\n";
    for (int i = 0; i < 6; ++i) {
      const std::string letter(1, static_cast<char>('a' + i));
      csv += "g h " + letter + ",x\np q " + letter + " q,y\n";
    }
    WriteAll(Path("real.csv"), csv);
  }

  // Random weights come to the end of a line late, and are sure of nothing.
  std::string Spec(const std::string& more = "", const std::string& examples = "real.csv") {
    return "  teacher: " + Llama().string() + "\n  embedder: " + Bert().string() + "\n  examples: [" + examples +
           "]\n  asking: {shown: 2, minChars: 5, maxChars: 1000}\n  sampling: {maxTokens: 400}\n" + more;
  }
  static std::string Keep(int per_skill) {
    return "  perSkill: " + std::to_string(per_skill) +
           "\n  tries: 12\n  filters: {confidence: 0, duplicate: 1, voters: 1}\n  share: 0.6\n";
  }
  Status Run(const std::string& spec, const std::string& out, const std::vector<std::string>& flags = {}) const {
    testing::internal::CaptureStdout();
    const Status status = RunCommand<Synthesise>("synthesise", "SynthesiseRecipe", spec, out, flags);
    printed_ = testing::internal::GetCapturedStdout();
    return status;
  }
  std::string Refused(const std::string& spec) const {
    const Status status = Run(spec, "refused");
    EXPECT_FALSE(fs::exists(Path("refused")));
    return status ? "done" : status.error().message;
  }

  mutable std::string printed_;
};

TEST_F(SynthesiseTest, WhatIsKeptIsMixedWithTheRealTextsAndACardSaysSo) {
  // when texts are written for two skills
  const Status done = Run(Spec(Keep(3)), "out");
  ASSERT_TRUE(done) << ToString(done.error());
  // then every text that was written is accounted for
  const Value card = Card("out");
  size_t sum = 0;
  for (const char* what : {"kept", "form", "duplicates", "unsure", "second_look"}) {
    sum += card["counts"][what].get<size_t>();
    EXPECT_EQ(card["counts"][what], card["skills"][0][what].get<size_t>() + card["skills"][1][what].get<size_t>());
  }
  EXPECT_EQ(card["counts"]["written"], sum);
  EXPECT_GT(card["counts"]["form"], 0);  // some come to no end
  // and what was kept has the form that was asked for
  const auto kept = train::ReadLabelledTexts(Path("out") / "synthetic.jsonl", train::Labels::kRequired);
  ASSERT_TRUE(kept) << ToString(kept.error());
  EXPECT_EQ(card["counts"]["kept"], kept->size());
  std::set<std::string> texts;
  for (const train::LabelledText& text : *kept) {
    EXPECT_GE(CountCodePoints(text.text), 5u);
    EXPECT_EQ(text.text.find('\n'), text.text.npos);
    texts.insert(text.text);
  }
  EXPECT_EQ(texts.size(), kept->size());
  EXPECT_GE(texts.size(), 2u);
  // and the mixed file is what a classifier can be trained on
  const auto mixed = train::ReadLabelledTexts(Path("out") / "train.jsonl", train::Labels::kRequired);
  ASSERT_TRUE(mixed) << ToString(mixed.error());
  EXPECT_EQ(mixed->size(), 12 + kept->size());
  EXPECT_EQ(card["mixed"]["real"], 12);
  EXPECT_EQ(card["mixed"]["synthetic"], kept->size());
  EXPECT_EQ(card["files"]["train.jsonl"], *Sha256HexOfFile(Path("out") / "train.jsonl"));
  EXPECT_EQ(card["data"][0]["sha256"], *Sha256HexOfFile(Path("real.csv")));
  EXPECT_EQ(card["teacher"]["sha256"], *Sha256HexOfFile(Llama() / "model.safetensors"));
  EXPECT_EQ(card["embedder"]["sha256"], *Sha256HexOfFile(Bert() / "model.safetensors"));
  EXPECT_EQ(card["recipe"], ReadAll(Path("recipe.yaml")));
  EXPECT_THAT(ReadAll(Path("out") / "card.md"), HasSubstr("| kept | " + std::to_string(kept->size()) + " |"));
  EXPECT_THAT(printed_, HasSubstr("12 real texts and"));
}

TEST_F(SynthesiseTest, TheSameRecipeGivesTheSameTextsAndAnotherSeedOthers) {
  ASSERT_TRUE(Run(Spec(Keep(2) + "  seed: 1\n"), "one"));
  ASSERT_TRUE(Run(Spec(Keep(2) + "  seed: 1\n"), "other"));
  ASSERT_TRUE(Run(Spec(Keep(2) + "  seed: 2\n"), "another"));
  for (const char* file : {"train.jsonl", "synthetic.jsonl", "card.json", "card.md"}) {
    EXPECT_EQ(ReadAll(Path("one") / file), ReadAll(Path("other") / file)) << file;
  }
  EXPECT_NE(ReadAll(Path("one") / "synthetic.jsonl"), ReadAll(Path("another") / "synthetic.jsonl"));
}

TEST_F(SynthesiseTest, OnlySkillsThatAreNamedAreWrittenFor) {
  const Status done = Run(Spec(Keep(1) + "  skills: [{label: y, description: letters}]\n"), "out");
  ASSERT_TRUE(done) << ToString(done.error());
  ASSERT_EQ(Card("out")["skills"].size(), 1u);
  EXPECT_EQ(Card("out")["skills"][0]["label"], "y");
  EXPECT_EQ(Card("out")["mixed"]["real"], 12);
  EXPECT_THAT(Refused(Spec("  skills: [{label: z}]\n")), HasSubstr("none of the examples has the label \"z\""));
}

TEST_F(SynthesiseTest, WhatIsThereIsWrittenOverOnlyIfItIsSyntheticToo) {
  ASSERT_TRUE(Run(Spec(Keep(1)), "out"));
  const std::string before = ReadAll(Path("out") / "train.jsonl");
  const Status again = Run(Spec(Keep(1) + "  seed: 5\n"), "out");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  EXPECT_EQ(ReadAll(Path("out") / "train.jsonl"), before);
  ASSERT_TRUE(Run(Spec(Keep(1) + "  seed: 5\n"), "out", {"--force"}));
  EXPECT_NE(ReadAll(Path("out") / "train.jsonl"), before);
  // a folder of something else stays
  fs::create_directories(Path("mine"));
  EXPECT_EQ(Run(Spec(Keep(1)), "mine", {"--force"}).error().code, Code::kFailedPrecondition);
}

TEST_F(SynthesiseTest, WhereNothingIsKeptNothingIsWritten) {
  const std::string refused = Refused(Spec("  perSkill: 2\n  tries: 2\n  filters: {confidence: 0.9}\n"));
  EXPECT_THAT(refused, HasSubstr("none of the teacher's 8 texts could be kept (another form "));
  EXPECT_THAT(refused, HasSubstr("take a larger teacher"));
}

TEST_F(SynthesiseTest, ExamplesThatCannotBeUsedAreToldBeforeItBegins) {
  WriteAll(Path("none.csv"), "text,label\n");
  WriteAll(Path("one.csv"), "text,label\na,x\nb,x\n");
  WriteAll(Path("bytes.csv"), "text,label\na,x\nb\xFF,y\n");
  WriteAll(Path("spelled.csv"), "text,label\na <|im_end|>,x\nb,y\n");
  WriteAll(Path("label.csv"), "text,label\na,x<|im_end|>\nb,y\n");
  WriteAll(Path("long.csv"), "text,label\n" + std::string(1001, 'a') + ",x\nb,y\n");
  EXPECT_THAT(Refused(Spec("", "none.csv")), HasSubstr("none.csv: no texts in it"));
  EXPECT_THAT(Refused(Spec("", "one.csv")), HasSubstr("nothing to tell apart"));
  EXPECT_THAT(Refused(Spec("", "bytes.csv")), HasSubstr("bytes.csv:3: not UTF-8"));
  EXPECT_THAT(Refused(Spec("", "spelled.csv")), HasSubstr("spelled.csv:2: the teacher's special token <|im_end|>"));
  EXPECT_THAT(Refused(Spec("", "label.csv")), HasSubstr("a skill's label: the teacher's special token <|im_end|>"));
  EXPECT_THAT(Refused(Spec("", "long.csv")), HasSubstr("every example of \"x\" is longer than 'maxChars' (1000)"));
  EXPECT_THAT(Refused(Spec("", "gone.csv")), HasSubstr("gone.csv"));
}

TEST_F(SynthesiseTest, ModelsThatCannotDoTheirPartAreTold) {
  const std::string rest = "\n  examples: real.csv\n";
  EXPECT_THAT(Refused("  teacher: " + Bert().string() + "\n  embedder: " + Bert().string() + rest),
              HasSubstr(Bert().string()));
  EXPECT_THAT(Refused("  teacher: " + Llama().string() + "\n  embedder: " + Llama().string() + rest),
              HasSubstr(Llama().string()));
  EXPECT_THAT(Refused("  teacher: gone.gguf\n  embedder: " + Bert().string() + rest), HasSubstr("gone.gguf"));
}

TEST_F(SynthesiseTest, ARunThatWasBrokenOffGoesOnToTheSameTexts) {
  // given texts that are there, and a run that is to put others in their place
  const std::string spec = Spec(Keep(2) + "  seed: 3\n");
  ASSERT_TRUE(Run(Spec(Keep(1)), "out"));
  ASSERT_TRUE(Run(spec, "whole"));
  const std::string before = ReadAll(Path("out") / "train.jsonl");
  // when the disk takes no more than a few bytes of it
  rlimit usual{};
  ::getrlimit(RLIMIT_FSIZE, &usual);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{.rlim_cur = 1200, .rlim_max = usual.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const Status full = Run(spec, "out", {"--force"});
  ::setrlimit(RLIMIT_FSIZE, &usual);
  ::signal(SIGXFSZ, handler);
  // then what was there is as it was
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kResourceExhausted) << ToString(full.error());
  EXPECT_EQ(ReadAll(Path("out") / "train.jsonl"), before);
  EXPECT_EQ(fs::file_size(Path("out.training") / "written.jsonl"), 1200u);
  // and the same command ends as if nothing had been
  const Status done = Run(spec, "out", {"--force"});
  ASSERT_TRUE(done) << ToString(done.error());
  for (const char* file : {"train.jsonl", "synthetic.jsonl", "card.json"}) {
    EXPECT_EQ(ReadAll(Path("out") / file), ReadAll(Path("whole") / file)) << file;
  }
  EXPECT_FALSE(fs::exists(Path("out.training")));
}

TEST_F(SynthesiseTest, WhatARunHasWrittenItDoesNotWriteAgain) {
  // given what such a run would have left, had its teacher written other texts
  const std::string spec = Spec(Keep(2));
  ASSERT_TRUE(Run(spec, "whole"));
  std::string lines = Dump({{"run", Card("whole")["run"]}}) + "\n";
  std::set<std::string> left;
  for (char letter = 'g'; letter < 'w'; ++letter) {
    left.insert(std::string("g h ") + letter + " h");
    lines += Dump({{"text", std::string("g h ") + letter + " h"}, {"whole", true}, {"confidence", 1}}) + "\n";
  }
  WriteAll(Path("out.training") / "written.jsonl", lines);
  // when it goes on
  const Status done = Run(spec, "out");
  ASSERT_TRUE(done) << ToString(done.error());
  // then those are what is kept, unless it is to begin from the start
  const auto texts = [&](const std::string& out) {
    std::vector<std::string> kept;
    const auto read = train::ReadLabelledTexts(Path(out) / "synthetic.jsonl", train::Labels::kRequired);
    for (const train::LabelledText& text : *read) kept.push_back(text.text);
    return kept;
  };
  EXPECT_THAT(texts("out"), testing::Contains(testing::AnyOfArray(left)));
  WriteAll(Path("fresh.training") / "written.jsonl", lines);
  ASSERT_TRUE(Run(spec, "fresh", {"--fresh"}));
  EXPECT_EQ(texts("fresh"), texts("whole"));
}

}  // namespace
}  // namespace troupe::tools
