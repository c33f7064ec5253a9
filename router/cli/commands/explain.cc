#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/terminal.h"
#include "router/cli/text_width.h"
#include "router/graph/reference.h"
#include "runtime/kind/kind.h"
#include "runtime/kind/suggest.h"

namespace troupe::cli {
namespace {

using graph::KeyReference;

// One entry of the reference, wherever it comes from.
struct Entry {
  std::string key;
  std::string type;
  std::string otherwise;
  std::string doc;
  // What stands inside of it.
  std::vector<Entry> inside;
};

std::string OtherwiseOf(const kind::Field& field) {
  if (!field.default_value.is_null()) return Dump(field.default_value);
  return field.required ? "required" : "none";
}

std::string TypeOf(const kind::Field& field) {
  std::string text = kind::ToString(field.type);
  const auto bound = [](double number) {
    return Dump(number == static_cast<int64_t>(number) ? Value(static_cast<int64_t>(number)) : Value(number));
  };
  if (field.type.minimum) text += ", from " + bound(*field.type.minimum);
  if (field.type.maximum) text += " to " + bound(*field.type.maximum);
  for (size_t i = 0; i < field.type.choices.size(); ++i) text += (i == 0 ? ": " : ", ") + field.type.choices[i];
  return text;
}

Entry EntryOf(const std::string& kind, const kind::ConfigField& config) {
  std::string type = TypeOf(config.field);
  if (config.is_file) type += ", or the name of a file that holds it";
  if (config.is_folder) type += " (a folder)";
  return {kind + "." + config.field.name, std::move(type), OtherwiseOf(config.field), config.field.doc, {}};
}

void AddFields(Entry& to, const std::string& path, const kind::Type& type) {
  for (const kind::Field& field : type.fields) {
    to.inside.push_back({path + "." + field.name, TypeOf(field), OtherwiseOf(field), field.doc, {}});
  }
}

Entry EntryOf(const kind::Kind& kind) {
  const char* model = kind.model == kind::ModelUse::kRequired   ? "needs a model"
                      : kind.model == kind::ModelUse::kOptional ? "may have a model"
                                                                : "takes no model";
  Entry entry{kind.name, std::string("agent kind, ") + model, "", kind.summary, {}};
  for (const kind::ConfigField& config : kind.config) entry.inside.push_back(EntryOf(kind.name, config));
  for (const auto& [name, type] : {std::pair("input", &kind.input), std::pair("output", &kind.output)}) {
    Entry& part = entry.inside.emplace_back();
    part.key = kind.name + "." + name;
    part.type = kind::ToString(*type);
    part.doc = name == std::string("input") ? "What a step hands it." : "What it gives.";
    if (name == std::string("output") && !kind.output_from_schema.empty()) {
      part.type = "as the JSON Schema in '" + kind.output_from_schema + "' says";
    }
    AddFields(part, part.key, *type);
  }
  return entry;
}

Entry EntryOf(const KeyReference& key) {
  Entry entry{key.path, key.type, key.otherwise, key.doc, {}};
  for (const KeyReference* inside : graph::KeysInside(key.path)) entry.inside.push_back(EntryOf(*inside));
  return entry;
}

// The whole reference: keys of graphs, then kinds.
Entry Everything() {
  Entry entry{"", "", "", "Keys of a graph file, then the kinds of agents. 'troupe explain KEY' tells more.", {}};
  for (const KeyReference* key : graph::KeysInside("")) entry.inside.push_back(EntryOf(*key));
  for (const kind::Kind& kind : kind::AllKinds()) entry.inside.push_back(EntryOf(kind));
  return entry;
}

const Entry* Find(const Entry& at, const std::string& key) {
  if (at.key == key) return &at;
  for (const Entry& inside : at.inside) {
    if (const Entry* found = Find(inside, key)) return found;
  }
  return nullptr;
}

void CollectKeys(const Entry& at, std::vector<std::string>& keys) {
  if (!at.key.empty()) keys.push_back(at.key);
  for (const Entry& inside : at.inside) CollectKeys(inside, keys);
}

Value ToJson(const Entry& entry) {
  Value inside = Value::array();
  for (const Entry& one : entry.inside) inside.push_back(ToJson(one));
  return {{"key", entry.key},
          {"type", entry.type},
          {"default", entry.otherwise},
          {"doc", entry.doc},
          {"keys", std::move(inside)}};
}

std::string FirstSentence(const std::string& doc) {
  const size_t end = doc.find(". ");
  return end == std::string::npos ? doc : doc.substr(0, end + 1);
}

void Print(const Entry& entry, int width) {
  const int columns = std::max(width, 40);
  if (!entry.key.empty()) PrintText(stdout, entry.key + ": " + entry.type);
  if (!entry.otherwise.empty()) PrintText(stdout, "  left out: " + entry.otherwise);
  for (const std::string& line : Wrap(entry.doc, columns - 2)) PrintText(stdout, "  " + line);
  if (entry.inside.empty()) return;
  size_t longest = 0;
  for (const Entry& one : entry.inside) longest = std::max(longest, one.key.size());
  PrintText(stdout, "");
  const int left = static_cast<int>(longest) + 4;
  for (const Entry& one : entry.inside) {
    std::string head = "  " + PadRight(one.key, static_cast<int>(longest)) + "  ";
    for (const std::string& line : Wrap(FirstSentence(one.doc), std::max(columns - left, 20))) {
      PrintText(stdout, head + line);
      head = std::string(static_cast<size_t>(left), ' ');
    }
  }
}

int Explain(const Globals& globals, const std::string& key) {
  const Entry all = Everything();
  std::string wanted = key.starts_with("spec.") ? key.substr(5) : key;
  const Entry* found = Find(all, wanted == "spec" ? "" : wanted);
  if (found == nullptr) {
    std::vector<std::string> keys;
    CollectKeys(all, keys);
    const std::string nearest = kind::Nearest(wanted, keys);
    return Fail(NotFound("there is no key '" + key + "'" +
                         (nearest.empty() ? "; 'troupe explain' lists all" : "; did you mean '" + nearest + "'?")));
  }
  if (globals.json()) {
    PrintJson(stdout, ToJson(*found));
  } else {
    Print(*found, IsTerminal(stdout) ? StyleOf(stdout).width : 120);
  }
  return kExitOk;
}

}  // namespace

void AddExplain(CLI::App& app, const Globals& globals, Action& chosen) {
  auto key = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("explain", "What a key of a graph file or of an agent kind means");
  command->footer(
      "Made from the parser's own keys and the kinds' own kind.yaml. Needs no router.\n\n"
      "Examples:\n"
      "  troupe explain                       every key and kind\n"
      "  troupe explain steps.each\n"
      "  troupe explain agents.kind\n"
      "  troupe explain generate.maxTokens --output json");
  command->add_option("key", *key, "A path of keys without the names you chose; left out: all")->type_name("KEY");
  command->callback([&globals, &chosen, key] { chosen = [&globals, key] { return Explain(globals, *key); }; });
}

}  // namespace troupe::cli
