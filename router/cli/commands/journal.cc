#include <memory>
#include <vector>

#include "router/cli/commands/command.h"
#include "router/cli/format.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "router/journal/check.h"
#include "router/journal/export.h"
#include "router/journal/sqlite_journal.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

struct JournalFlags {
  std::string data;
  std::string file;
  std::vector<std::string> tasks;

  std::filesystem::path folder() const { return data.empty() ? DefaultDataFolder() : std::filesystem::path(data); }
};

int Check(const Globals& globals, const JournalFlags& flags) {
  const auto report = journal::CheckSqlite(flags.folder());
  if (!report && report.error().code != Code::kDataLoss) return Fail(report.error());
  if (!report) {
    (void)Fail(report.error());
    return kExitDamaged;
  }
  if (globals.json()) {
    PrintJson(stdout, Value{{"tasks", report->tasks},
                            {"running", report->running},
                            {"records", report->records},
                            {"payloads", report->payloads},
                            {"graph_versions", report->graph_versions},
                            {"problems", report->problem_count},
                            {"first_problems", report->problems}});
  } else {
    for (const std::string& problem : report->problems) PrintText(stdout, "problem: " + problem);
    PrintText(stdout, Plural(report->tasks, "task") + " (" + FormatCount(report->running) + " running), " +
                          Plural(report->records, "record") + ", " + Plural(report->payloads, "payload") + ", " +
                          Plural(report->graph_versions, "graph version") + ": " +
                          (report->problem_count == 0 ? "nothing is wrong" : Plural(report->problem_count, "problem")));
  }
  return report->problem_count == 0 ? kExitOk : kExitDamaged;
}

// One that is there; making a journal is the router's.
Result<std::unique_ptr<journal::Journal>> OpenThere(const JournalFlags& flags) {
  if (!std::filesystem::exists(flags.folder() / "journal.db")) {
    return NotFound(flags.folder().string() +
                    " holds no journal: name the folder that the router is given with --data");
  }
  return journal::OpenSqlite(flags.folder());
}

Result<journal::ExportCounts> Export(const JournalFlags& flags) {
  TRY_ASSIGN(const auto journal, OpenThere(flags));
  return journal::Export(*journal, flags.file,
                         {.tasks = flags.tasks, .release = TROUPE_VERSION, .now_ms = SystemClock().NowMs()});
}

int Export(const Globals& globals, const JournalFlags& flags) {
  const auto counts = Export(flags);
  if (!counts) return Fail(counts.error());
  if (globals.json()) {
    PrintJson(stdout, Value{{"file", flags.file},
                            {"tasks", counts->tasks},
                            {"records", counts->records},
                            {"payloads", counts->payloads},
                            {"graph_versions", counts->graphs}});
  } else {
    PrintText(stdout, "wrote " + flags.file + ": " + Plural(counts->tasks, "task") + ", " +
                          Plural(counts->records, "record") + ", " + Plural(counts->payloads, "payload") + ", " +
                          Plural(counts->graphs, "graph version"));
  }
  return kExitOk;
}

Result<journal::ImportCounts> Import(const JournalFlags& flags) {
  TRY_ASSIGN(const auto journal, journal::OpenSqlite(flags.folder()));
  TRY_ASSIGN(const journal::ImportCounts counts, journal::Import(*journal, flags.file));
  TRY(journal->Close());
  return counts;
}

int Import(const Globals& globals, const JournalFlags& flags) {
  const auto counts = Import(flags);
  if (!counts) return Fail(counts.error());
  if (globals.json()) {
    PrintJson(stdout, Value{{"tasks", counts->tasks},
                            {"records", counts->records},
                            {"graph_versions", counts->graphs},
                            {"there_already", counts->there_already},
                            {"request_taken", counts->request_taken}});
    return kExitOk;
  }
  PrintText(stdout, "took " + Plural(counts->tasks, "task") + " with " + Plural(counts->records, "record") + " and " +
                        Plural(counts->graphs, "graph version") + "; " + FormatCount(counts->there_already) +
                        " were there already");
  if (counts->request_taken > 0) {
    PrintText(stdout, "left out " + Plural(counts->request_taken, "task") +
                          " whose request id belongs to another task of this journal");
  }
  return kExitOk;
}

}  // namespace

void AddJournal(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<JournalFlags>();
  CLI::App* command = app.add_subcommand("journal", "Check, export and import what a stopped router has written down");
  command->footer(
      "The router must be stopped. Without --data: the journal of 'troupe up'.\n\n"
      "Examples:\n"
      "  troupe journal check --data /var/lib/troupe           exit code 8 where something is wrong\n"
      "  troupe journal export all.journal\n"
      "  troupe journal export one.journal --task 01993b1e-6f1c-7d30-a7b1-2f8d9c4e5a60\n"
      "  troupe journal import all.journal --data /new/folder  tasks keep their ids; those there already are skipped");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, int (*run)(const Globals&, const JournalFlags&)) {
    CLI::App* action = command->add_subcommand(name, about);
    action->fallthrough();
    action->add_option("--data", flags->data, "The folder of the journal")->type_name("DIR");
    action->callback(
        [&globals, &chosen, flags, run] { chosen = [&globals, flags, run] { return run(globals, *flags); }; });
    return action;
  };
  add("check", "Look at everything: the database, gaps, missing payloads, wrong counts; changes nothing", Check);
  CLI::App* out = add("export", "Write tasks to a file, with all that belongs to them", Export);
  out->add_option("file", flags->file, "The file to write")->required()->type_name("FILE");
  out->add_option("--task", flags->tasks, "Only this task; may be repeated")->type_name("ID")->expected(1)->take_all();
  CLI::App* in = add("import", "Take the tasks of such a file in; a damaged one is refused whole", Import);
  in->add_option("file", flags->file, "The file to read")->required()->type_name("FILE");
}

}  // namespace troupe::cli
