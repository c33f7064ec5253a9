#include <gtest/gtest.h>

#include "runtime/kind/suggest.h"
#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::kind {
namespace {

TEST(Yaml, ScalarsFollowTheCoreSchema) {
  Findings findings;
  YamlNode root =
      ParseYaml(R"([1, -2, 1.5, .5, 1e3, true, null, ~, "1", 'true', yes, 0x1g, nan, 99999999999999999999, -, 1.2.3])",
                "x", findings);
  EXPECT_FALSE(findings.HasErrors());
  EXPECT_EQ(Dump(ToValue(root)),
            R"([1,-2,1.5,0.5,1000.0,true,null,null,"1","true","yes","0x1g","nan",1e+20,"-","1.2.3"])");
}

TEST(Yaml, PlacesCountFromOne) {
  Findings findings;
  YamlNode root = ParseYaml("a: 1\nb:\n  - x\n  - {c: \"d\"}\n", "x", findings);
  const YamlNode& inner = root.Find("b")->items[1];
  EXPECT_EQ(inner.line, 4);
  EXPECT_EQ(inner.column, 5);
  EXPECT_EQ(inner.Find("c")->column, 9);
}

TEST(Yaml, MapsThatAreMergedGiveWhatIsNotSaid) {
  Findings findings;
  const YamlNode root = ParseYaml(
      "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\n"
      "one: {<<: *a, x: 9}\nmany: {y: 8, <<: [*b, *a]}\nquoted: {'<<': 5}\n",
      "x", findings);
  EXPECT_FALSE(findings.HasErrors());
  EXPECT_EQ(Dump(ToValue(*root.Find("one"))), R"({"x":9,"y":2})");
  EXPECT_EQ(Dump(ToValue(*root.Find("many"))), R"({"x":1,"y":8,"z":4})");
  EXPECT_EQ(Dump(ToValue(*root.Find("quoted"))), R"({"<<":5})");
}

TEST(Yaml, Durations) {
  EXPECT_EQ(ParseDurationMs("500ms"), 500);
  EXPECT_EQ(ParseDurationMs("20s"), 20'000);
  EXPECT_EQ(ParseDurationMs("1.5m"), 90'000);
  EXPECT_EQ(ParseDurationMs("720h"), 720LL * 3600 * 1000);
  EXPECT_EQ(ParseDurationMs("3d"), 72LL * 3600 * 1000);
  EXPECT_EQ(ParseDurationMs("31d"), std::nullopt);
  for (const char* wrong : {"", "20", "s", "-1s", "721h", "1w", "20 s", "nan s", "infs", "0s", "1e9s", "1s1s"}) {
    EXPECT_EQ(ParseDurationMs(wrong), std::nullopt) << wrong;
  }
}

TEST(Yaml, Names) {
  EXPECT_TRUE(IsIdentifier("a_1"));
  EXPECT_FALSE(IsIdentifier("1a"));
  EXPECT_FALSE(IsIdentifier("a-b"));
  EXPECT_FALSE(IsIdentifier(""));
  EXPECT_TRUE(IsDnsLabel("a-1"));
  EXPECT_FALSE(IsDnsLabel("-a"));
  EXPECT_FALSE(IsDnsLabel("A"));
  EXPECT_FALSE(IsDnsLabel(std::string(64, 'a')));
}

TEST(YamlMap, AMisspeltNeededKeyIsOneFinding) {
  // given
  Findings findings;
  const std::string file = "x.yaml";
  YamlNode root = ParseYaml("{pth: a}", file, findings);
  YamlMap map(root, "model 'm'", file, findings);
  // when
  map.Require("path", "say where");
  map.Finish();
  // then
  auto list = findings.Take();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(ToString(list[0]), "x.yaml:1:2: error: unknown key 'pth' in model 'm'; did you mean 'path'?");
}

TEST(Suggest, FindsTheNearestOrListsThem) {
  EXPECT_EQ(Suggest("modle", {"kind", "model"}), "; did you mean 'model'?");
  EXPECT_EQ(Suggest("xyz", {"kind", "model"}), "; there are: kind, model");
  EXPECT_EQ(Suggest("xyz", {}), "; there are none");
  EXPECT_EQ(Nearest(std::string(100'000, 'a'), {"a"}), "");
}

}  // namespace
}  // namespace troupe::kind
