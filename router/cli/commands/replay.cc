#include "router/cli/replay.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/interrupt.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "router/cli/text_width.h"
#include "router/journal/codec.h"
#include "router/journal/sqlite_journal.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds kWait{200};
constexpr size_t kMaxRecords = 1'000'000;

struct ReplayFlags {
  std::string task_id;
  std::string data;
  int64_t at = 0;
  std::string from;
  std::string request_id;
};

using TakeRecord = std::function<Status(const v1::Record&)>;

// All records that there are now, in order. A task that runs is told as far as it has come.
Status FromRouter(const Globals& globals, const std::string& task_id, const TakeRecord& take) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  Client client(address);
  TRY_ASSIGN(const v1::GetResponse task, client.Get(task_id));
  v1::WatchRequest request;
  request.set_task_id(task_id);
  request.set_detail(v1::DETAIL_TEXT);
  const auto stream = client.Watch(request);
  const bool ended = task.task().ended_ms() > 0;
  for (int64_t seen = 0; ended || seen < task.task().last_sequence();) {
    if (Interrupts() > 0) return Cancelled("interrupted");
    v1::Record record;
    const StreamState state = stream->Poll(kWait, record);
    if (state == StreamState::kQuiet) continue;
    if (state == StreamState::kEnded) return stream->End();
    seen = record.sequence();
    TRY(take(record));
  }
  return {};
}

Status FromFolder(const std::string& folder, const std::string& task_id, const TakeRecord& take) {
  constexpr int kAtOnce = 256;
  constexpr size_t kBytesAtOnce = 4u << 20;
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(folder) / "journal.db", error)) {
    return NotFound("there is no journal in " + folder + "; name the folder that a router had as --data");
  }
  TRY_ASSIGN(const std::unique_ptr<journal::Journal> journal, journal::OpenSqlite(folder));
  TRY_ASSIGN(const std::optional<journal::TaskRow> row, journal->FindTask(task_id));
  if (!row) return NotFound("no task " + task_id + " in the journal in " + folder);
  for (int64_t seen = 0;;) {
    TRY_ASSIGN(const std::vector<journal::RecordRow> rows, journal->ReadRecords(row->key, seen, kAtOnce, kBytesAtOnce));
    if (rows.empty()) return {};
    for (const journal::RecordRow& one : rows) {
      v1::Record record;
      if (!record.ParseFromString(one.bytes)) {
        return Error{Code::kDataLoss, "record " + std::to_string(one.sequence) + " is damaged in the journal"};
      }
      TRY(journal::PutBack(record, [&journal](const std::string& sha256) { return journal->ReadBlob(sha256); }));
      TRY(take(record));
      seen = one.sequence;
    }
  }
}

void PrintLines(const std::vector<std::string>& lines) {
  const bool terminal = IsTerminal(stdout);
  for (const std::string& line : lines) {
    const std::string safe = Neutralise(line, Newlines::kFlatten);
    std::fputs(((terminal ? Clip(safe, StyleOf(stdout).width) : safe) + "\n").c_str(), stdout);
  }
}

int Tell(const Globals& globals, const ReplayFlags& flags) {
  Replay replay;
  UnixMs began_ms = 0;
  std::optional<ReplayFrame> last;
  size_t told = 0;
  const TakeRecord take = [&](const v1::Record& record) -> Status {
    // those after the one that is asked for are read and left aside
    if (flags.at > 0 && record.sequence() > flags.at) return {};
    if (++told > kMaxRecords) return Exhausted("the task has more than 1,000,000 records; look at one with --at", 0);
    TRY_ASSIGN(last, replay.Next(record));
    if (began_ms == 0) began_ms = record.time_ms();
    if (flags.at > 0) return {};
    if (globals.json()) {
      PrintJson(stdout, ToJson(*last));
    } else {
      PrintLines(RenderFrame(*last, began_ms));
    }
    return {};
  };
  const Status read =
      flags.data.empty() ? FromRouter(globals, flags.task_id, take) : FromFolder(flags.data, flags.task_id, take);
  if (!read && read.error().code == Code::kCancelled) return kExitInterrupted;
  if (!read) return Fail(read.error());
  if (flags.at == 0) return kExitOk;
  if (!last || last->sequence < flags.at) {
    return Fail(NotFound("the task has " + std::to_string(last ? last->sequence : 0) + " records, there is none at " +
                         std::to_string(flags.at)));
  }
  if (globals.json()) {
    Value json = ToJson(*last);
    json["state"] = ToJson(replay.state());
    PrintJson(stdout, json);
  } else {
    PrintLines(RenderFrame(*last, began_ms));
    PrintLines(RenderState(replay.state()));
  }
  return kExitOk;
}

int Again(const Globals& globals, const ReplayFlags& flags) {
  if (!flags.data.empty()) {
    return Fail(Invalid("--from needs a router that runs: start it with that --data, then leave --data out here"));
  }
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  v1::ForkRequest request;
  request.set_task_id(flags.task_id);
  request.set_step(flags.from);
  request.set_request_id(flags.request_id);
  const auto forked = Client(*address).Fork(request);
  if (!forked) return Fail(forked.error());
  if (globals.json()) {
    PrintJson(stdout, ToJson(*forked));
  } else {
    PrintText(stdout, forked->task_id());
  }
  return kExitOk;
}

}  // namespace

void AddReplay(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* command = app.add_subcommand("replay", "Tell a task record by record, or run it again from a step");
  command->footer(
      "Every record says what happened, what was decided on it, and what that changed. Records come from the router,\n"
      "or from the folder of one that is stopped. With --from, a new task begins with what was recorded before that\n"
      "step started and does the rest anew, on the same version of the graph; its id is printed.\n"
      "With --output json, a line for each record; with --at, one that holds the whole state.\n\n"
      "Examples:\n"
      "  troupe replay 01938c7e-...\n"
      "  troupe replay 01938c7e-... --at 7 --output json\n"
      "  troupe replay 01938c7e-... --data /var/lib/troupe\n"
      "  troupe watch $(troupe replay 01938c7e-... --from 'handle[1].answer')");
  command->add_option("task", flags->task_id, "The task's id")->required()->type_name("TASK");
  command->add_option("--data", flags->data, "The data folder of a router that is stopped")->type_name("DIR");
  auto* at = command->add_option("--at", flags->at, "Only the record of this number, and the whole state after it")
                 ->check(CLI::PositiveNumber)
                 ->type_name("N");
  command->add_option("--from", flags->from, "Run it again from where this step started, as a new task")
      ->excludes(at)
      ->type_name("STEP");
  command->add_option("--request-id", flags->request_id, "With --from: the same id gives the same task")
      ->type_name("ID");
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags] {
      CountInterrupts();
      return flags->from.empty() ? Tell(globals, *flags) : Again(globals, *flags);
    };
  });
}

}  // namespace troupe::cli
