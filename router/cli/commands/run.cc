#include <memory>
#include <optional>
#include <thread>

#include "router/cli/commands/command.h"
#include "router/cli/commands/task_end.h"
#include "router/cli/commands/task_flags.h"
#include "router/cli/commands/up_flags.h"
#include "router/cli/follow.h"
#include "router/cli/graph_source.h"
#include "router/cli/interrupt.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "router/cli/timeline.h"
#include "router/cli/up_session.h"
#include "runtime/base/id.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds kTick{50};

struct RunFlags {
  TaskFlags task;
  UpOptions up;
  bool start_up = false;
  std::string timeline;
  bool quiet = false;
};

// Starts router and agents and waits until they are ready, showing how far each is.
Result<std::unique_ptr<UpSession>> StartUp(const RunFlags& flags) {
  UpOptions options = flags.up;
  options.graph_files = {flags.task.graph};
  options.temporary = true;
  options.quiet = flags.quiet;
  std::optional<LivePainter> painter;
  if (!flags.quiet && IsTerminal(stderr)) painter.emplace(stderr);
  const auto say = [quiet = flags.quiet, live = painter.has_value()](const std::string& line) {
    if (!quiet && !live) PrintText(stderr, line);
  };
  TRY_ASSIGN(auto session, UpSession::Prepare(options, SystemClock(), say));
  for (int frame = 0; !session->ready(); ++frame) {
    if (Interrupts() > 0) return Cancelled("interrupted while the agents were starting");
    TRY(session->Tend());
    if (painter) painter->Paint(RenderProcesses(session->Processes(), frame, StyleOf(stderr)));
    std::this_thread::sleep_for(kTick);
  }
  if (painter) painter->Clear();
  return session;
}

int ShowKept(const Globals& globals, const TaskView& view, int exit_code) {
  if (globals.json()) {
    PrintJson(stdout, {{"kept", true}, {"graph", view.graph()}, {"output", view.output()}});
    return exit_code;
  }
  return Fail(FailedPrecondition("a kept answer was given and no task was made, so there is no timeline to draw"));
}

// The end of the task: the answer, or all of it as JSON, and the picture.
int ShowEnd(const Globals& globals, const RunFlags& flags, Client& client, const TaskView& view) {
  const auto answer = flags.quiet ? Answer::kAlone : Answer::kWithHeading;
  const int exit_code = ExitCodeForTask(view.error_code());
  if (!globals.json()) ShowAnswer(view, answer);
  if (!globals.json() && flags.timeline.empty()) return exit_code;
  // an answer that was kept has no task: what there is to say of it is the record that came
  if (view.task_id().empty()) return ShowKept(globals, view, exit_code);
  const auto task = client.Get(view.task_id());
  if (!task) return Fail(task.error());
  if (globals.json()) PrintJson(stdout, ToJson(*task));
  if (flags.timeline.empty()) return exit_code;
  const auto written = WriteTimeline(*task, flags.timeline);
  return written ? exit_code : Fail(written.error());
}

// The graph of a file: parsed here, and applied where the router has another version, which one of our making may have
// too: its journal's decisions hold over its start file.
Result<std::optional<LoadedGraph>> GraphOfFile(const RunFlags& flags, Client& client) {
  if (!LooksLikeFile(flags.task.graph)) return std::optional<LoadedGraph>();
  TRY_ASSIGN(LoadedGraph loaded, LoadGoodGraph(flags.task.graph, graph::FilesMust::kBeNamed));
  const auto known = client.GetGraph(loaded.graph->name);
  if (!known && known.error().code != Code::kNotFound) return known.error();
  if (!known || known->version() != loaded.graph->version.value) TRY(client.Apply(ToMessage(loaded.source)));
  return std::optional<LoadedGraph>(std::move(loaded));
}

Result<v1::RunRequest> BuildRun(const RunFlags& flags, Client& client) {
  TRY_ASSIGN(const std::optional<LoadedGraph> loaded, GraphOfFile(flags, client));
  v1::RunRequest request;
  TRY_ASSIGN(*request.mutable_submit(), BuildSubmit(client, flags.task, loaded ? loaded->graph.get() : nullptr));
  // a call that is resumed must not become a second task
  if (request.submit().request_id().empty()) request.mutable_submit()->set_request_id("run-" + NewUuid7());
  request.set_detail(flags.quiet ? v1::DETAIL_RESULT : v1::DETAIL_TEXT);
  return request;
}

// One task on the router at `address`; `session` is the one of our making, or null.
int RunOn(const Globals& globals, const RunFlags& flags, const std::string& address, UpSession* session) {
  Client client(address);
  auto request = BuildRun(flags, client);
  if (!request) return Fail(request.error());
  FollowOptions options;
  options.show = flags.quiet || globals.json() ? Show::kNothing : Show::kProgress;
  options.on_interrupt = OnInterrupt::kCancel;
  if (session != nullptr) options.tick = [session] { return session->Tend(); };
  const auto view = RunAndFollow(client, SystemClock(), *request, options);
  return view ? ShowEnd(globals, flags, client, *view) : FailFollowing(view.error());
}

int RunWithUp(const Globals& globals, const RunFlags& flags) {
  auto session = StartUp(flags);
  if (!session) {
    const int exit_code = Fail(session.error());
    if (session.error().code == Code::kCancelled) return kExitInterrupted;
    return session.error().code == Code::kInternal ? static_cast<int>(kExitUpFailed) : exit_code;
  }
  const int exit_code = RunOn(globals, flags, (*session)->address(), session->get());
  const int before = Interrupts();
  (*session)->Stop([before] { return Interrupts() > before; });
  return exit_code;
}

int RunTask(const Globals& globals, const RunFlags& flags) {
  CountInterrupts();
  if (flags.start_up) return RunWithUp(globals, flags);
  const auto address = RouterAddress(globals.router);
  return address ? RunOn(globals, flags, *address, nullptr) : Fail(address.error());
}

}  // namespace

void AddRun(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command = app.add_subcommand("run", "Hand a task in and see it done");
  command->footer(
      "Shows on stderr who does what (live on a terminal, plain lines elsewhere) and prints the answer on stdout. "
      "Ctrl-C\n"
      "cancels the task; a second one leaves at once. A graph file is applied first where the router has another "
      "version.\n"
      "With --up, a router and the graph's agents are started for this one task.\n"
      "With --output json, the finished task and its steps are printed.\n\n"
      "Examples:\n"
      "  troupe run help-desk \"Where is order 3312? And how do I return shoes?\"\n"
      "  troupe run help-desk - < message.txt > answer.txt\n"
      "  troupe run --up help-desk.yaml --field message=\"Where is order 3312?\" --timeline task.svg\n"
      "  troupe run sums --field n:=3 --quiet");
  command->add_option("graph", flags->task.graph, "The graph's name, or its file")->required()->type_name("GRAPH");
  AddTaskFlags(*command, flags->task);
  command->add_flag("--quiet,-q", flags->quiet, "Print the answer and nothing else");
  command->add_option("--timeline", flags->timeline, "Write a picture of the task's steps over time")
      ->type_name("FILE.svg");
  command->add_flag("--up", flags->start_up, "Start a router and the graph's agents for this task; GRAPH is a file");
  AddUpFlags(*command, flags->up);
  command->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return RunTask(globals, *flags); }; });
}

}  // namespace troupe::cli
