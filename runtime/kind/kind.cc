#include "runtime/kind/kind.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/kind/embedded.h"
#include "runtime/kind/type_yaml.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::kind {
namespace {

class KindReader {
 public:
  KindReader(const YamlNode& root, const std::string& file, Findings& findings)
      : file_(file), findings_(findings), map_(root, "the kind", file_, findings) {}

  Kind Read() {
    Kind kind;
    if (const YamlNode* name = map_.Require("kind", "name it")) {
      kind.name = name->text;
      if (!IsDnsLabel(kind.name)) findings_.Error(file_, *name, "'" + kind.name + "' is no DNS label");
    }
    kind.summary = map_.String("summary").value_or("");
    kind.deterministic = map_.Boolean("deterministic").value_or(false);
    kind.effects = map_.Boolean("effects").value_or(false);
    kind.streams = map_.Boolean("streams").value_or(false);
    kind.asks = map_.Boolean("asks").value_or(false);
    kind.model = static_cast<ModelUse>(map_.Choice("model", {"none", "optional", "required"}).value_or(0));
    if (const YamlNode* config = map_.Get("config")) ReadConfig(*config, kind);
    if (const YamlNode* input = map_.Require("input", "say what it takes")) {
      kind.input = ReadField("input", *input, file_, findings_).type;
    }
    if (const YamlNode* output = map_.Require("output", "say what it gives")) ReadOutput(*output, kind);
    kind.tokens_field = map_.String("tokens").value_or("");
    CheckConfigName("tokens", kind.tokens_field, kind);
    kind.silent_field = map_.String("silentWith").value_or("");
    CheckConfigName("silentWith", kind.silent_field, kind);
    CheckConfigName("output", kind.output_from_schema, kind);
    kind.confidence_field = map_.String("confidence").value_or("");
    CheckConfidence(kind);
    kind.answer_field = map_.String("answer").value_or("");
    CheckAnswer(kind);
    map_.Finish();
    return kind;
  }

 private:
  void ReadConfig(const YamlNode& node, Kind& kind) {
    YamlMap fields(node, "'config'", file_, findings_);
    if (!fields.valid()) return;
    for (const auto& entry : node.entries) {
      ConfigField config;
      if (entry.value.kind == YamlNode::Kind::kMap) {
        YamlMap map(entry.value, "'" + entry.key.text + "'", file_, findings_);
        config.is_file = map.Boolean("file").value_or(false);
        config.is_folder = map.Boolean("folder").value_or(false);
        config.is_peer = map.Boolean("peer").value_or(false);
        config.field = ReadFieldOf(entry.key.text, map, file_, findings_);
        map.Finish();
      } else {
        config.field = ReadField(entry.key.text, entry.value, file_, findings_);
      }
      kind.config.push_back(std::move(config));
    }
  }

  void ReadOutput(const YamlNode& node, Kind& kind) {
    if (node.kind == YamlNode::Kind::kMap && node.Find("fromSchema") != nullptr) {
      YamlMap map(node, "'output'", file_, findings_);
      kind.output_from_schema = map.String("fromSchema").value_or("");
      map.Finish();
      return;
    }
    kind.output = ReadField("output", node, file_, findings_).type;
  }

  void CheckConfigName(const char* key, const std::string& name, const Kind& kind) {
    if (name.empty() || kind.FindConfig(name) != nullptr) return;
    findings_.Error(file_, *map_.node().Find(key), "'" + name + "' is not among the configuration's fields");
  }

  // Where a schema says what it gives, each agent of the kind is looked at instead.
  void CheckConfidence(const Kind& kind) {
    if (kind.confidence_field.empty() || !kind.output_from_schema.empty()) return;
    const Field* field = kind.output.Find(kind.confidence_field);
    if (field != nullptr && field->type.kind == Type::Kind::kNumber && field->required) return;
    findings_.Error(file_, *map_.node().Find("confidence"),
                    "'" + kind.confidence_field + "' is no number that the output always has");
  }

  void CheckAnswer(const Kind& kind) {
    if (kind.answer_field.empty()) return;
    const Field* field = kind.output.Find(kind.answer_field);
    if (field != nullptr && field->required) return;
    findings_.Error(file_, *map_.node().Find("answer"),
                    "'" + kind.answer_field + "' is nothing that the output always has");
  }

  const std::string& file_;
  Findings& findings_;
  YamlMap map_;
};

}  // namespace

const ConfigField* Kind::FindConfig(const std::string& name) const {
  for (const auto& field : config) {
    if (field.field.name == name) return &field;
  }
  return nullptr;
}

bool Kind::StreamsWith(const Value& agent_config) const {
  if (!streams || silent_field.empty()) return streams;
  const auto silent = agent_config.find(silent_field);
  return silent == agent_config.end() || *silent != true;
}

Result<Kind> ParseKind(std::string_view yaml, const std::string& file_name) {
  Findings findings;
  YamlNode root = ParseYaml(yaml, file_name, findings);
  Kind kind;
  if (!findings.HasErrors()) kind = KindReader(root, file_name, findings).Read();
  if (!findings.HasErrors()) return kind;
  std::string message;
  for (const auto& finding : findings.Take()) message += (message.empty() ? "" : "\n") + ToString(finding);
  return Invalid(message);
}

const std::vector<Kind>& AllKinds() {
  static const std::vector<Kind> kKinds = [] {
    std::vector<Kind> kinds;
    for (const auto& file : EmbeddedKindFiles()) {
      auto kind = ParseKind(file.text, std::string(file.name));
      if (!kind) std::fprintf(stderr, "%s\n", kind.error().message.c_str());
      CHECK(kind.has_value());
      kinds.push_back(std::move(*kind));
    }
    return kinds;
  }();
  return kKinds;
}

const Kind* FindKind(std::string_view name) {
  for (const auto& kind : AllKinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace troupe::kind
