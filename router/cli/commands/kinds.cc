#include "router/cli/commands/command.h"
#include "router/cli/screen.h"
#include "router/cli/terminal.h"
#include "runtime/kind/kind.h"

namespace troupe::cli {
namespace {

void Print(const kind::Kind& kind, bool colour) {
  std::string text = Paint(kind.name, "1", colour) + "  " + kind.summary + "\n";
  text += "    takes  " + kind::ToString(kind.input) + "\n";
  text += "    gives  " + kind::ToString(kind.output) + "\n";
  if (!kind.confidence_field.empty()) text += "    sure   by '" + kind.confidence_field + "', 0 to 1\n";
  if (!kind.answer_field.empty()) text += "    answer '" + kind.answer_field + "'; the rest says how it came to that\n";
  for (const kind::ConfigField& config : kind.config) {
    text += "    " + config.field.name + ": " + kind::ToString(config.field.type);
    if (!config.field.default_value.is_null()) text += " = " + Dump(config.field.default_value);
    if (config.field.required && config.field.default_value.is_null()) text += " (required)";
    if (!config.field.doc.empty()) text += "  " + Paint(config.field.doc, "2", colour);
    text += "\n";
  }
  std::fputs((text + "\n").c_str(), stdout);
}

Value ToJson(const kind::Kind& kind) {
  Value config = Value::array();
  for (const kind::ConfigField& field : kind.config) {
    config.push_back({{"name", field.field.name},
                      {"type", kind::ToString(field.field.type)},
                      {"required", field.field.required && field.field.default_value.is_null()},
                      {"default", field.field.default_value},
                      {"doc", field.field.doc}});
  }
  return {{"name", kind.name},
          {"summary", kind.summary},
          {"deterministic", kind.deterministic},
          {"effects", kind.effects},
          {"streams", kind.streams},
          {"confidence", kind.confidence_field},
          {"answer", kind.answer_field},
          {"input", kind::ToString(kind.input)},
          {"output", kind::ToString(kind.output)},
          {"config", std::move(config)}};
}

}  // namespace

void AddKinds(CLI::App& app, const Globals& globals, Action& chosen) {
  CLI::App* command = app.add_subcommand("kinds", "List the agent kinds: what each takes, gives and can be told");
  command->footer("Needs no router.");
  command->callback([&globals, &chosen] {
    chosen = [&globals]() -> int {
      Value list = Value::array();
      for (const kind::Kind& kind : kind::AllKinds()) {
        if (globals.json()) {
          list.push_back(ToJson(kind));
        } else {
          Print(kind, StyleOf(stdout).colour);
        }
      }
      if (globals.json()) PrintJson(stdout, list);
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
