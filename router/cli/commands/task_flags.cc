#include "router/cli/commands/task_flags.h"

namespace troupe::cli {

void AddTaskFlags(CLI::App& command, TaskFlags& flags) {
  command.add_option("message", flags.message, "Goes into the graph's message field; - reads it from stdin")
      ->type_name("TEXT");
  command.add_option("--input", flags.input, "The whole input: a JSON object, @FILE, or @- for stdin")
      ->type_name("JSON");
  command.add_option("--field,-f", flags.fields, "One input field: key=text, key:=JSON or key@=FILE; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--request-id", flags.request_id, "Makes a repeated call the same task (at most 128 characters)")
      ->type_name("ID");
  command.add_option("--timeout", flags.timeout_s, "How long the task may take, seconds (default: the graph's limit)")
      ->type_name("S")
      ->check(CLI::PositiveNumber);
  command.add_option("--priority", flags.priority, "Whose steps are served first where steps wait: 0 to 9, high first")
      ->type_name("N")
      ->check(CLI::Range(0, 9));
  command
      .add_option("--max-tokens", flags.max_tokens, "Generated tokens the task may cost, below the graph's own limit")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command.add_option("--max-device-seconds", flags.max_device_seconds, "Device time the task may cost, likewise")
      ->type_name("S");
  command.add_option("--max-money", flags.max_money, "Money the task may cost, likewise")->type_name("AMOUNT");
  command.add_option("--label", flags.labels, "For finding it again with 'troupe list --label'; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
}

}  // namespace troupe::cli
