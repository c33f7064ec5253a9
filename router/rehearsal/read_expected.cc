#include <utility>

#include "router/rehearsal/suite_reader.h"
#include "runtime/kind/suggest.h"

namespace troupe::rehearsal {
namespace {

using kind::YamlMap;
using kind::YamlNode;

class ExpectedReader {
 public:
  explicit ExpectedReader(SuiteReader& reader) : reader_(reader) {}

  Expected Read(const YamlNode& node) {
    YamlMap map(node, "'expect'", reader_.file, reader_.findings);
    if (const auto state = map.Choice("state", {"done", "failed", "cancelled"})) {
      constexpr EndState kStates[] = {EndState::kDone, EndState::kFailed, EndState::kCancelled};
      expected_.state = {kStates[*state], reader_.At(*node.Find("state"))};
    }
    if (const YamlNode* error = map.Get("error")) ReadError(*error);
    if (const YamlNode* route = map.Get("route")) ReadRoute(*route);
    if (const YamlNode* output = map.Get("output")) ReadOutput(*output);
    if (const YamlNode* cost = map.Get("cost")) ReadCost(*cost);
    map.Finish();
    return std::move(expected_);
  }

 private:
  void ReadError(const YamlNode& node) {
    YamlMap map(node, "'error'", reader_.file, reader_.findings);
    ExpectedError error{.position = reader_.At(node)};
    if (const YamlNode* code = map.Get("code")) error.code = reader_.ReadCode(*code);
    error.contains = map.String("contains").value_or("");
    if (const YamlNode* step = map.Get("step")) {
      error.step = step->text;
      reader_.CheckPath({step->text, reader_.At(*step)});
    }
    map.Finish();
    // whoever expects an error expects a task that does not end well
    if (expected_.state.position.line == 0) expected_.state = {EndState::kFailed, reader_.At(node)};
    expected_.error = std::move(error);
  }

  std::vector<Placed<std::string>> ReadPaths(YamlMap& map, const char* key) {
    const YamlNode* node = map.Get(key);
    if (node == nullptr) return {};
    auto paths = reader_.Texts(*node, "'" + std::string(key) + "'");
    for (const auto& path : paths) reader_.CheckPath(path);
    return paths;
  }

  // {name: how often}
  std::vector<Placed<std::pair<std::string, int64_t>>> ReadCounts(YamlMap& map, const char* key) {
    std::vector<Placed<std::pair<std::string, int64_t>>> counts;
    const YamlNode* node = map.Get(key);
    if (node == nullptr) return counts;
    YamlMap entries(*node, "'" + std::string(key) + "'", reader_.file, reader_.findings);
    for (const kind::YamlEntry& entry : node->entries) {
      const auto count = entries.Integer(entry.key.text, 0, 1'000'000);
      counts.push_back({{entry.key.text, count.value_or(0)}, reader_.At(entry.key)});
    }
    return counts;
  }

  void ReadRoute(const YamlNode& node) {
    YamlMap map(node, "'route'", reader_.file, reader_.findings);
    expected_.run = ReadPaths(map, "run");
    expected_.skipped = ReadPaths(map, "skipped");
    expected_.failed = ReadPaths(map, "failed");
    expected_.not_run = ReadPaths(map, "notRun");
    expected_.attempts = ReadCounts(map, "attempts");
    for (const auto& count : expected_.attempts) reader_.CheckPath({count.value.first, count.position});
    expected_.calls = ReadCounts(map, "calls");
    for (const auto& count : expected_.calls) {
      const std::string& name = count.value.first;
      if (reader_.graph.agents.contains(name)) continue;
      reader_.findings.Error(reader_.file, count.position.line, count.position.column,
                             "the graph has no agent '" + name + "'" + kind::Suggest(name, reader_.AgentNames()));
    }
    if (const YamlNode* skills = map.Get("skills")) ReadSkills(*skills);
    map.Finish();
  }

  void ReadSkills(const YamlNode& node) {
    std::vector<std::string> wanted;
    const std::vector<std::string> known(reader_.skills.begin(), reader_.skills.end());
    for (const auto& skill : reader_.Texts(node, "'skills'")) {
      if (!reader_.skills.contains(skill.value)) {
        reader_.findings.Error(reader_.file, skill.position.line, skill.position.column,
                               "there is no skill '" + skill.value + "'" + kind::Suggest(skill.value, known));
      }
      wanted.push_back(skill.value);
    }
    expected_.skills = Placed<std::vector<std::string>>{std::move(wanted), reader_.At(node)};
  }

  // One check, or a list of them.
  void ReadOutput(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kList) {
      for (const YamlNode& item : node.items) ReadCheck(item);
    } else {
      ReadCheck(node);
    }
  }

  void ReadCheck(const YamlNode& node) {
    YamlMap map(node, "the check of the output", reader_.file, reader_.findings);
    if (!map.valid()) return;
    OutputCheck check{.position = reader_.At(node)};
    if (const YamlNode* at = map.Get("at")) {
      auto path = JsonPath::Parse(at->text);
      if (path) {
        check.at = std::move(*path);
      } else {
        reader_.Error(*at, path.error().message);
      }
    }
    if (const YamlNode* equals = map.Get("equals")) check.equals = ToValue(*equals);
    check.contains = map.String("contains");
    const YamlNode* matches = map.Get("matches");
    if (matches != nullptr) check.matches = reader_.ReadPattern(*matches);
    const int said = check.equals.has_value() + check.contains.has_value() + (matches != nullptr);
    if (said != 1) reader_.Error(node, map.what() + " must say one of equals, contains and matches");
    map.Finish();
    expected_.output.push_back(std::move(check));
  }

  void ReadCost(const YamlNode& node) {
    YamlMap map(node, "'cost'", reader_.file, reader_.findings);
    const auto place = [&](const char* key, std::optional<int64_t> limit) -> std::optional<Placed<int64_t>> {
      if (!limit) return std::nullopt;
      return Placed<int64_t>{*limit, reader_.At(*node.Find(key))};
    };
    expected_.cost_calls = place("calls", map.Integer("calls", 0, 1'000'000'000));
    expected_.cost_tokens = place("tokens", map.Integer("tokens", 0, 1'000'000'000));
    expected_.cost_time_ms = place("time", map.DurationMs("time"));
    map.Finish();
  }

  SuiteReader& reader_;
  Expected expected_;
};

}  // namespace

Expected ReadExpected(SuiteReader& reader, const YamlNode& node) { return ExpectedReader(reader).Read(node); }

}  // namespace troupe::rehearsal
