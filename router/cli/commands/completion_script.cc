#include "router/cli/commands/completion_script.h"

#include <vector>

namespace troupe::cli {
namespace {

struct Flag {
  std::string names;  // "--field -f"
  std::string about;
  bool takes_value = false;
  bool is_file = false;
};

struct Command {
  std::string name;
  std::string about;
  std::vector<Flag> flags;
  std::string choices;  // of its positional argument, blank-separated
};

std::string OneLine(std::string text) {
  text = text.substr(0, text.find('\n'));
  std::string out;
  for (const char c : text) {
    if (c != '\'' && c != '[' && c != ']' && c != ':' && c != '"' && c != '`') out += c;
  }
  return out;
}

std::vector<Flag> FlagsOf(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional()) continue;
    Flag flag;
    for (const std::string& name : option->get_lnames()) flag.names += (flag.names.empty() ? "--" : " --") + name;
    for (const std::string& name : option->get_snames()) flag.names += (flag.names.empty() ? "-" : " -") + name;
    flag.about = OneLine(option->get_description());
    flag.takes_value = option->get_items_expected_max() > 0;
    const std::string type = option->get_type_name();
    flag.is_file = type.starts_with("FILE") || type.starts_with("DIR");
    flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<Command> CommandsOf(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    Command known{command->get_name(), OneLine(command->get_description()), FlagsOf(*command), ""};
    if (known.name == "completion") known.choices = "bash zsh fish";
    for (const CLI::App* action : command->get_subcommands([](const CLI::App*) { return true; })) {
      known.choices += (known.choices.empty() ? "" : " ") + action->get_name();
    }
    commands.push_back(std::move(known));
  }
  return commands;
}

std::string NamesOf(const std::vector<Flag>& flags) {
  std::string names;
  for (const Flag& flag : flags) names += (names.empty() ? "" : " ") + flag.names;
  return names;
}

std::string Bash(const std::vector<Command>& commands, const std::vector<Flag>& globals) {
  std::string names;
  for (const Command& command : commands) names += (names.empty() ? "" : " ") + command.name;
  std::string out =
      "# bash completion for troupe; load it with: source <(troupe completion bash)\n"
      "_troupe() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case $before in\n"
      "    --output) COMPREPLY=($(compgen -W 'text json' -- \"$word\")); return ;;\n"
      "    --format) COMPREPLY=($(compgen -W 'svg dot mermaid' -- \"$word\")); return ;;\n"
      "    --state) COMPREPLY=($(compgen -W 'running done failed cancelled' -- \"$word\")); return ;;\n"
      "    --detail) COMPREPLY=($(compgen -W 'text steps result' -- \"$word\")); return ;;\n"
      "  esac\n"
      "  case $command in\n";
  for (const Command& command : commands) {
    out += "    " + command.name + ")\n";
    out += "      case $word in -*) COMPREPLY=($(compgen -W '" + NamesOf(command.flags) + " " + NamesOf(globals) +
           "' -- \"$word\")); return ;; esac\n";
    if (command.choices.empty()) {
      out += "      compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\")) ;;\n";
    } else {
      out += "      COMPREPLY=($(compgen -W '" + command.choices + "' -- \"$word\")) ;;\n";
    }
  }
  return out + "    *) COMPREPLY=($(compgen -W '" + names + " " + NamesOf(globals) +
         "' -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _troupe troupe\n";
}

std::string ZshFlag(const Flag& flag) {
  std::string out;
  std::string name;
  for (const char c : flag.names + " ") {
    if (c != ' ') {
      name += c;
      continue;
    }
    out += " '*" + name + "[" + flag.about + "]" +
           (flag.takes_value ? (flag.is_file ? ":file:_files" : ":value:") : "") + "'";
    name.clear();
  }
  return out;
}

std::string Zsh(const std::vector<Command>& commands, const std::vector<Flag>& globals) {
  std::string out =
      "#compdef troupe\n"
      "# zsh completion for troupe; load it with: source <(troupe completion zsh)\n"
      "_troupe() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : commands) out += "    '" + command.name + ":" + command.about + "'\n";
  out +=
      "  )\n  local command= i\n  for ((i = 2; i < CURRENT; i++)); do\n"
      "    [[ ${words[i]} != -* ]] && { command=${words[i]}; break; }\n  done\n"
      "  case $command in\n";
  for (const Command& command : commands) {
    out += "    " + command.name + ") _arguments";
    for (const Flag& flag : command.flags) out += ZshFlag(flag);
    for (const Flag& flag : globals) out += ZshFlag(flag);
    out += command.choices.empty() ? " '*:file:_files' ;;\n" : " '*:choice:(" + command.choices + ")' ;;\n";
  }
  return out +
         "    *) _describe command commands ;;\n"
         "  esac\n"
         "}\n"
         "compdef _troupe troupe\n";
}

std::string Fish(const std::vector<Command>& commands, const std::vector<Flag>& globals) {
  std::string out = "# fish completion for troupe; load it with: troupe completion fish | source\n";
  const auto say = [&](const std::string& condition, const Flag& flag) {
    out += "complete -c troupe" + (condition.empty() ? "" : " -n '__fish_seen_subcommand_from " + condition + "'");
    std::string name;
    for (const char c : flag.names + " ") {
      if (c != ' ') {
        name += c;
        continue;
      }
      out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      name.clear();
    }
    out += (flag.takes_value ? (flag.is_file ? " -r -F" : " -x") : "") + std::string(" -d '") + flag.about + "'\n";
  };
  for (const Flag& flag : globals) say("", flag);
  for (const Command& command : commands) {
    out += "complete -c troupe -n __fish_use_subcommand -f -a " + command.name + " -d '" + command.about + "'\n";
    for (const Flag& flag : command.flags) say(command.name, flag);
    if (!command.choices.empty()) {
      out +=
          "complete -c troupe -n '__fish_seen_subcommand_from " + command.name + "' -f -a '" + command.choices + "'\n";
    }
  }
  return out;
}

}  // namespace

std::string CompletionScript(const CLI::App& app, const std::string& shell) {
  const auto commands = CommandsOf(app);
  const auto globals = FlagsOf(app);
  if (shell == "zsh") return Zsh(commands, globals);
  return shell == "fish" ? Fish(commands, globals) : Bash(commands, globals);
}

}  // namespace troupe::cli
