// The reference and the parser know the same keys: the parser names those that it knows when it meets one that it does
// not.
#include "router/graph/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "router/graph/parse.h"

namespace troupe::graph {
namespace {

constexpr char kUnknown[] = "qqqqqqqq";

// A graph with a place in it for a key that nobody knows.
std::string Yaml(const std::string& place) {
  std::string yaml = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: g}
FILE
spec:
  SPEC
  cache: {SPECCACHE ttl: 1h}
  input: {text: string}
  limits: {LIMITS time: 1s}
  models:
    m: {MODEL path: m.gguf}
  pools:
    p: {POOL device: cpu, price: {POOLPRICE token: 1}}
  agents:
    a: {AGENT kind: scripted, pool: p, price: {PRICE token: 1}, replicas: {REPLICAS min: 1}, asks: {b: {ASKS max: 1}}}
    b: {kind: scripted, pool: p}
    e: {kind: embed, model: m, pool: p}
  steps:
    call: {CALL agent: a, retry: {RETRY max: 1}, hedge: {HEDGE percent: 5}}
    kept: {agent: b, cache: {CACHE ttl: 1h, semantic: {MEANING text: "{{ input.text }}", agent: e}}}
    taught: {agent: b, teach: {SCHOOL agent: a, below: 0.5}}
    cut:
      DECOMPOSESTEP
      decompose: {DECOMPOSE text: "{{ input.text }}", agent: e, max: 2, skills: {x: [y]}}
    items:
      decompose: {ITEMS by: list, text: "{{ input.text }}", max: 2}
    windows:
      decompose: {WINDOWS by: windows, text: "{{ input.text }}", max: 2, size: 9}
    person:
      APPROVESTEP
      approve: {APPROVE ask: Well}
    inner:
      GRAPHSTEP
      graph: inner.yaml
    loop:
      EACH
      each: {item: "{{ steps.cut }}", max: 2}
      steps:
        inner: {agent: a}
    turn:
      REPEATSTEP
      repeat: {REPEAT until: "{{ steps.again }}", max: 2}
      steps:
        again: {agent: a}
)";
  for (const char* name : {"REPEATSTEP", "DECOMPOSESTEP", "APPROVESTEP", "GRAPHSTEP", "APPROVE", "FILE",  "SPECCACHE",
                           "SPEC",       "EACH",          "CACHE",       "MEANING",   "LIMITS",  "MODEL", "POOLPRICE",
                           "POOL",       "PRICE",         "AGENT",       "REPLICAS",  "CALL",    "RETRY", "HEDGE",
                           "DECOMPOSE",  "REPEAT",        "ASKS",        "ITEMS",     "WINDOWS", "SCHOOL"}) {
    for (size_t at = yaml.find(name); at != std::string::npos; at = yaml.find(name, at)) {
      const bool flow = yaml[at - 1] == '{';
      const std::string with = std::string(name) == place ? std::string(kUnknown) + ": 1" + (flow ? "," : "") : "";
      yaml.replace(at, std::string(name).size(), with);
    }
  }
  return yaml;
}

// What the parser says it knows there.
std::set<std::string> KnownAt(const std::string& place) {
  const Parsed parsed = ParseGraph({.yaml = Yaml(place), .file_name = "g.yaml"});
  for (const Finding& finding : parsed.findings) {
    constexpr std::string_view kList = "there are: ";
    const size_t list = finding.message.find(kList);
    if (finding.message.find(kUnknown) == std::string::npos || list == std::string::npos) continue;
    std::set<std::string> keys;
    std::string rest = finding.message.substr(list + kList.size());
    for (size_t comma = rest.find(", "); comma != std::string::npos; comma = rest.find(", ")) {
      keys.insert(rest.substr(0, comma));
      rest = rest.substr(comma + 2);
    }
    keys.insert(rest);
    return keys;
  }
  ADD_FAILURE() << "nothing about the unknown key in:\n" << ToString(parsed.findings) << Yaml(place);
  return {};
}

std::set<std::string> Inside(const std::string& path) {
  std::set<std::string> names;
  for (const KeyReference* key : KeysInside(path)) names.insert(key->path.substr(key->path.rfind('.') + 1));
  return names;
}

std::set<std::string> Minus(std::set<std::string> names, const std::set<std::string>& others) {
  for (const auto& name : others) names.erase(name);
  return names;
}

TEST(Reference, HasTheKeysThatTheParserKnowsAndNoOthers) {
  const std::set<std::string> of_file = {"apiVersion", "kind", "metadata"};
  EXPECT_EQ(Minus(KnownAt("FILE"), {"spec", "status"}), of_file);
  EXPECT_EQ(KnownAt("SPEC"), Minus(Inside(""), of_file));
  EXPECT_EQ(KnownAt("LIMITS"), Inside("limits"));
  EXPECT_EQ(KnownAt("MODEL"), Inside("models"));
  EXPECT_EQ(KnownAt("POOL"), Inside("pools"));
  std::set<std::string> of_scripted;
  for (const auto& field : kind::FindKind("scripted")->config) of_scripted.insert(field.field.name);
  EXPECT_EQ(Minus(KnownAt("AGENT"), of_scripted), Inside("agents"));
  EXPECT_EQ(KnownAt("REPLICAS"), Inside("agents.replicas"));
  EXPECT_EQ(KnownAt("POOLPRICE"), Inside("pools.price"));
  EXPECT_EQ(KnownAt("PRICE"), Inside("agents.price"));
  EXPECT_EQ(KnownAt("HEDGE"), Inside("steps.hedge"));
  EXPECT_EQ(KnownAt("SCHOOL"), Inside("steps.teach"));
  EXPECT_EQ(KnownAt("RETRY"), Inside("steps.retry"));
  EXPECT_EQ(KnownAt("ASKS"), Inside("agents.asks"));
  EXPECT_EQ(KnownAt("CACHE"), Inside("steps.cache"));
  EXPECT_EQ(KnownAt("MEANING"), Inside("steps.cache.semantic"));
  EXPECT_EQ(Minus(KnownAt("SPECCACHE"), {"semantic"}), Inside("cache"));
  // and decompose what goes with the way in which it takes the text apart
  std::set<std::string> of_decompose = KnownAt("DECOMPOSE");
  for (const char* place : {"ITEMS", "WINDOWS"}) of_decompose.merge(KnownAt(place));
  EXPECT_EQ(of_decompose, Inside("steps.decompose"));
  EXPECT_EQ(KnownAt("APPROVE"), Inside("steps.approve"));
  EXPECT_EQ(KnownAt("REPEAT"), Inside("steps.repeat"));
  // a step knows what goes with the thing that it does
  std::set<std::string> of_steps = KnownAt("CALL");
  for (const char* place : {"DECOMPOSESTEP", "REPEATSTEP", "APPROVESTEP", "GRAPHSTEP"}) of_steps.merge(KnownAt(place));
  of_steps.insert("each");
  EXPECT_EQ(of_steps, Inside("steps"));
}

TEST(Reference, EveryKeySaysSomethingAndStandsInsideOfOneThatIsThere) {
  std::set<std::string> seen;
  for (const KeyReference& key : GraphKeys()) {
    EXPECT_FALSE(key.type.empty() || key.otherwise.empty() || key.doc.empty()) << key.path;
    EXPECT_TRUE(seen.insert(key.path).second) << key.path << " stands there twice";
    const size_t dot = key.path.rfind('.');
    EXPECT_TRUE(dot == std::string::npos || seen.contains(key.path.substr(0, dot))) << key.path;
  }
}

TEST(Reference, IsFoundWithAndWithoutSpec) {
  ASSERT_NE(FindKey("agents.kind"), nullptr);
  EXPECT_EQ(FindKey("spec.agents.kind"), FindKey("agents.kind"));
  EXPECT_EQ(FindKey("agents.knid"), nullptr);
  EXPECT_EQ(Inside("steps.each"), (std::set<std::string>{"max", "parallel", "onError"}));
}

}  // namespace
}  // namespace troupe::graph
