#include <memory>
#include <optional>
#include <thread>

#include "router/cli/commands/command.h"
#include "router/cli/commands/up_flags.h"
#include "router/cli/interrupt.h"
#include "router/cli/message_json.h"
#include "router/cli/status_table.h"
#include "router/cli/terminal.h"
#include "router/cli/up_session.h"
#include "router/journal/age.h"
#include "router/stores/open.h"
#include "runtime/base/memory_share.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds kTick{50};

// Tells what happens while `up` runs: above the progress on a terminal, as plain lines elsewhere.
class Teller {
 public:
  Teller() {
    if (IsTerminal(stderr)) painter_.emplace(stderr);
  }
  void Say(const std::string& line) {
    if (painter_) painter_->Clear();
    PrintText(stderr, line);
  }
  void Progress(const UpSession& session) {
    if (painter_) painter_->Paint(RenderProcesses(session.Processes(), frame_++, StyleOf(stderr)));
  }
  void EndProgress() {
    if (painter_) painter_->Clear();
  }

 private:
  std::optional<LivePainter> painter_;
  int frame_ = 0;
};

void Announce(const Globals& globals, const UpSession& session) {
  if (globals.json()) {
    Value json = ToJson(session.graphs());
    json["address"] = session.ListenAddress();
    PrintJson(stdout, json);
    return;
  }
  for (const std::string& line : RenderStatus(session.graphs(), TableWidth())) PrintText(stdout, line);
  PrintText(stdout, "listening on " + session.ListenAddress() + "; ctrl-C drains and stops, a second one kills");
}

// Until ctrl-C. The error of a process that does not start.
Status Serve(const Globals& globals, UpSession& session, Teller& teller) {
  bool announced = false;
  while (Interrupts() == 0) {
    TRY(session.Tend());
    if (!announced && session.ready()) {
      announced = true;
      teller.EndProgress();
      Announce(globals, session);
    }
    if (!announced) teller.Progress(session);
    std::this_thread::sleep_for(kTick);
  }
  return {};
}

int Up(const Globals& globals, const UpOptions& options) {
  CountInterrupts();
  Teller teller;
  auto session = UpSession::Prepare(options, SystemClock(), [&](const std::string& line) { teller.Say(line); });
  if (!session) return Fail(session.error());
  const auto served = Serve(globals, **session, teller);
  teller.EndProgress();
  if (!served) {
    (void)Fail(served.error());
    return kExitUpFailed;
  }
  teller.Say("stopping; ctrl-C again kills");
  const int before = Interrupts();
  (*session)->Stop([before] { return Interrupts() > before; });
  return kExitOk;
}

}  // namespace

void AddUpFlags(CLI::App& command, UpOptions& options) {
  command.add_option("--data", options.data, "Folder of the journal")->type_name("DIR");
  command.add_option("--cores", options.cores, "Cores to use (default: all that are granted)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command
      .add_option_function<std::string>(
          "--cache-memory",
          [&options](const std::string& text) {
            const auto bytes = ParseMemoryBytes(text);
            if (!bytes) throw CLI::ValidationError("--cache-memory", bytes.error().message);
            options.cache_memory = text;
          },
          "What kept answers may take in the router's memory, such as 64MiB; 0 keeps none")
      ->type_name("SIZE");
  command.add_option("--content", options.content, "Published content for the router to fill in (ContentService.Fill)")
      ->type_name("FOLDER");
  command
      .add_option_function<std::string>(
          "--cache-store",
          [&options](const std::string& text) {
            if (const Status known = stores::Check(text); !known) {
              throw CLI::ValidationError("--cache-store", known.error().message);
            }
            options.cache_store = text;
          },
          "Where kept answers outlive the router: sqlite:PATH, or redis://[:password@]host[:port][/database] which "
          "several share")
      ->type_name("STORE");
  command
      .add_option_function<std::string>(
          "--cache-store-size",
          [&options](const std::string& text) {
            const auto bytes = stores::ParseSize(text);
            if (!bytes) throw CLI::ValidationError("--cache-store-size", bytes.error().message);
            options.cache_store_size = text;
          },
          "What the file of sqlite:PATH may take (default: 1GiB)")
      ->type_name("SIZE");
  command.add_flag("--no-pull", options.no_pull, "Fetch no models: those that are not here are an error");
  command.add_flag("--relax-pins", options.relax_pins,
                   "Run agents on what is here where their GPU is not; shown and recorded");
}

void AddUp(CLI::App& app, const Globals& globals, Action& chosen) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* command = app.add_subcommand("up", "Start a router and the agents of graphs, and look after them");
  command->footer(
      "Checks the graphs, fetches models that are not here, starts a router and one process for each replica of each\n"
      "agent, and shares the cores out. A process that dies is started again. The journal is kept in --data (default\n"
      "${XDG_STATE_HOME:-~/.local/state}/troupe); logs, sockets and processes.json are in\n"
      "${XDG_RUNTIME_DIR:-/tmp}/troupe-$UID. Ctrl-C lets work under way end, a second one kills.\n"
      "A graph file that is as at the last start leaves what was applied, promoted or rolled back since as it is.\n\n"
      "Examples:\n"
      "  troupe up help-desk.yaml\n"
      "  troupe up help-desk.yaml ask-docs.yaml --relax-pins --cores 4\n"
      "  troupe up help-desk.yaml --listen 127.0.0.1:7400 --data /var/lib/troupe --retain 30d");
  command->add_option("graphs", options->graph_files, "Graph files")->required()->type_name("GRAPH.yaml");
  AddUpFlags(*command, *options);
  command
      ->add_option_function<std::string>(
          "--retain",
          [options](const std::string& text) {
            if (const auto age = journal::ParseAge(text); !age)
              throw CLI::ValidationError("--retain", age.error().message);
            options->retain = text;
          },
          "Remove finished tasks from the journal this long after their end: 30d, 12h, 90m, 45s (default: never)")
      ->type_name("AGE");
  command
      ->add_option_function<std::string>(
          "--retain-lessons",
          [options](const std::string& text) {
            if (const auto age = journal::ParseAge(text); !age)
              throw CLI::ValidationError("--retain-lessons", age.error().message);
            options->retain_lessons = text;
          },
          "Remove what students and their teachers answered ('troupe learn') this long after that (default: never)")
      ->type_name("AGE");
  command
      ->add_option_function<int64_t>(
          "--retain-tasks", [options](int64_t tasks) { options->retain_tasks = std::to_string(tasks); },
          "Keep so many finished tasks, the newest ones (default: all)")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}));
  command
      ->add_option("--listen", options->listen,
                   "Where the router listens besides its socket: unix:/path or host:port, port 0 for a free one")
      ->type_name("ADDRESS");
  command->callback([&globals, &chosen, options] { chosen = [&globals, options] { return Up(globals, *options); }; });
}

}  // namespace troupe::cli
