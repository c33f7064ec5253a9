#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/format.h"
#include "router/cli/input.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/table.h"
#include "router/cli/terminal.h"
#include "router/cli/text_width.h"
#include "router/client/state_name.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

struct ListFlags {
  std::string graph;
  std::string state;
  std::vector<std::string> labels;
  bool waiting = false;
  int limit = 20;
};

v1::TaskState StateOf(const std::string& name) {
  for (const auto state :
       {v1::TASK_STATE_RUNNING, v1::TASK_STATE_DONE, v1::TASK_STATE_FAILED, v1::TASK_STATE_CANCELLED}) {
    if (client::StateName(state) == name) return state;
  }
  return v1::TASK_STATE_UNSPECIFIED;
}

// Pages until `limit` tasks are there.
Result<v1::ListResponse> List(const Globals& globals, const ListFlags& flags) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  Client client(address);
  v1::ListRequest request;
  request.set_graph(flags.graph);
  request.set_state(StateOf(flags.state));
  request.set_waiting(flags.waiting);
  TRY_ASSIGN(const auto labels, ParseLabels(flags.labels));
  for (const auto& [key, value] : labels) (*request.mutable_labels())[key] = value;
  v1::ListResponse all;
  do {
    request.set_page_size(std::min(flags.limit - all.tasks_size(), 1000));
    TRY_ASSIGN(const v1::ListResponse page, client.List(request));
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && all.tasks_size() < flags.limit);
  return all;
}

std::string WaitingNote(const v1::Task& task) {
  const v1::Approval& first = task.waiting(0);
  const std::string more = task.waiting_size() > 1 ? " and " + std::to_string(task.waiting_size() - 1) + " more" : "";
  return first.path() + more + " waits for a person: " + Neutralise(first.ask(), Newlines::kFlatten);
}

void Print(const v1::ListResponse& response) {
  if (response.tasks().empty()) return PrintText(stderr, "no tasks");
  Table table({"TASK", "GRAPH", "STATE", "ACCEPTED", "TOOK", "TOKENS", "NOTE"});
  const UnixMs now_ms = SystemClock().NowMs();
  for (const v1::Task& task : response.tasks()) {
    const UnixMs end_ms = task.ended_ms() > 0 ? task.ended_ms() : now_ms;
    table.Add({task.task_id(), task.graph(), client::StateName(task.state()), FormatAge(task.accepted_ms(), now_ms),
               FormatDuration(end_ms - task.accepted_ms()), FormatCount(task.usage().generated_tokens()),
               task.waiting().empty() ? task.error_message() : WaitingNote(task)});
  }
  for (const std::string& line : table.Render(TableWidth())) std::puts(line.c_str());
}

}  // namespace

void AddList(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<ListFlags>();
  CLI::App* command = app.add_subcommand("list", "List tasks, newest first");
  command->footer(
      "Examples:\n"
      "  troupe list --state running\n"
      "  troupe list --waiting                what people have to decide ('troupe decide' does it)\n"
      "  troupe list --graph help-desk --label customer=42 --limit 100 --output json");
  command->add_option("--graph", flags->graph, "Only this graph's")->type_name("GRAPH");
  command->add_option("--state", flags->state, "Only those in this state")
      ->check(CLI::IsMember({"running", "done", "failed", "cancelled"}))
      ->type_name("STATE");
  command->add_option("--label", flags->labels, "Only those with this label; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command->add_flag("--waiting", flags->waiting, "Only those that wait for a person");
  command->add_option("--limit", flags->limit, "At most this many (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto response = List(globals, *flags);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
      } else {
        Print(*response);
      }
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
