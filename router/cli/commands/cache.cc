#include <memory>

#include "router/cli/cache/tables.h"
#include "router/cli/cache/warm.h"
#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/commands/task_flags.h"
#include "router/cli/format.h"
#include "router/cli/graph_source.h"
#include "router/cli/interrupt.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

// What the five are given.
struct CacheFlags {
  TaskFlags task;
  std::string step;
  std::string task_id;
  bool is_right = false;
  std::string file;
  int at_once = 4;
};

template <typename Response>
int Print(const Globals& globals, const Result<Response>& response, const std::vector<std::string>& lines) {
  if (!response) return Fail(response.error());
  if (globals.json()) {
    PrintJson(stdout, ToJson(*response));
    return kExitOk;
  }
  for (const std::string& line : lines) std::puts(line.c_str());
  return kExitOk;
}

int Stats(const Globals& globals) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  const auto stats = Client(*address).CacheStats();
  return Print(globals, stats, stats ? RenderCacheStats(*stats, TableWidth()) : std::vector<std::string>());
}

Result<v1::ExplainResponse> Explain(const Globals& globals, const CacheFlags& flags) {
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  Client client(address);
  TRY_ASSIGN(const v1::SubmitRequest task, BuildSubmit(client, flags.task));
  v1::ExplainRequest request;
  request.set_graph(task.graph());
  request.set_step(flags.step);
  request.set_input_json(task.input_json());
  return client.CacheExplain(request);
}

int Judge(const Globals& globals, const CacheFlags& flags) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  v1::JudgeRequest request;
  request.set_task_id(flags.task_id);
  request.set_step(flags.step);
  request.set_right(flags.is_right);
  const auto judged = Client(*address).CacheJudge(request);
  if (!judged) return Fail(judged.error());
  const std::string what = FormatCount(judged->answers()) + (judged->answers() == 1 ? " answer" : " answers");
  return Print(globals, judged, {what + (flags.is_right ? " right" : " wrong, and not given there again")});
}

int Purge(const Globals& globals, const CacheFlags& flags) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  v1::PurgeRequest request;
  request.set_graph(flags.task.graph);
  request.set_step(flags.step);
  const std::string what = flags.step.empty() ? "graph " + flags.task.graph : "step " + flags.step;
  return Print(globals, Client(*address).CachePurge(request),
               {"answers of " + what + " that were kept until now are given no more"});
}

int WarmUp(const Globals& globals, const CacheFlags& flags) {
  const auto address = RouterAddress(globals.router);
  if (!address) return Fail(address.error());
  const auto inputs = ReadInputs(flags.file);
  if (!inputs) return Fail(inputs.error());
  CountInterrupts();
  const bool is_live = IsTerminal(stderr);
  const auto told = [&](const Warmed& so_far) {
    const int ended = so_far.made + so_far.kept_before + so_far.failed;
    if (is_live) std::fprintf(stderr, "\r%d of %zu", ended, inputs->size());
  };
  const auto warmed = Warm({.router = *address, .graph = flags.task.graph, .at_once = flags.at_once}, *inputs, told);
  if (is_live) std::fputs("\r\x1b[K", stderr);
  if (!warmed) return Fail(warmed.error());
  if (globals.json()) {
    PrintJson(stdout, {{"made", warmed->made}, {"kept_before", warmed->kept_before}, {"failed", warmed->failed}});
  } else {
    PrintText(stdout, FormatCount(warmed->made) + " made, " + FormatCount(warmed->kept_before) + " kept before, " +
                          FormatCount(warmed->failed) + " failed");
  }
  if (Interrupts() > 0) return kExitInterrupted;
  if (warmed->failed == 0) return kExitOk;
  (void)Fail(Internal(warmed->problem));
  return kExitTaskFailed;
}

void AddGraphOption(CLI::App& command, CacheFlags& flags) {
  command.add_option("graph", flags.task.graph, "The graph's name")->required()->type_name("GRAPH");
}

void AddStepOption(CLI::App& command, CacheFlags& flags) {
  command.add_option("--step", flags.step, "A step, without round numbers: handle.answer (default: the whole graph)")
      ->type_name("STEP");
}

}  // namespace

void AddCache(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<CacheFlags>();
  CLI::App* command =
      app.add_subcommand("cache", "Answers that are kept: counted, explained, judged, thrown away, made ahead");
  command->require_subcommand(1);
  command->footer(
      "What is kept a graph says by 'cache', on a step or on the whole; 'troupe explain cache' and 'troupe explain\n"
      "steps.cache' say how, 'troupe lint' on what each answer depends.\n\n"
      "Examples:\n"
      "  troupe cache stats\n"
      "  troupe cache explain help-desk --step answer \"Where is my parcel?\"\n"
      "  troupe cache judge 0190b0e4-8e5a-7cc0-b2f1-5f3b1f0c9a11 wrong\n"
      "  troupe cache purge help-desk --step answer\n"
      "  troupe cache warm help-desk questions.jsonl          one input a line: {\"message\": \"Where is ...\"}");
  CLI::App* stats = command->add_subcommand("stats", "How often kept answers were given again, and what that saved");
  stats->callback([&globals, &chosen] { chosen = [&globals] { return Stats(globals); }; });

  CLI::App* explain = command->add_subcommand("explain", "What would come of a question now, and why");
  AddGraphOption(*explain, *flags);
  AddTaskFlags(*explain, flags->task);
  AddStepOption(*explain, *flags);
  explain->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags] {
      const auto explained = Explain(globals, *flags);
      return Print(globals, explained,
                   explained ? RenderExplained(*explained, TableWidth()) : std::vector<std::string>());
    };
  });

  CLI::App* judge = command->add_subcommand("judge", "Say whether answers given by meaning were right");
  judge->add_option("task", flags->task_id, "The task that was given them")->required()->type_name("TASK");
  judge
      ->add_option_function<std::string>(
          "verdict", [flags](const std::string& verdict) { flags->is_right = verdict == "right"; },
          "wrong: they are not given to that question again")
      ->required()
      ->check(CLI::IsMember({"right", "wrong"}));
  judge->add_option("--step", flags->step, "Of one step, without round numbers (default: of all)")->type_name("STEP");
  judge->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return Judge(globals, *flags); }; });

  CLI::App* purge = command->add_subcommand("purge", "Give what was kept until now no more");
  AddGraphOption(*purge, *flags);
  AddStepOption(*purge, *flags);
  purge->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return Purge(globals, *flags); }; });

  CLI::App* warm = command->add_subcommand("warm", "Run a file's questions, so that their answers are kept");
  AddGraphOption(*warm, *flags);
  warm->add_option("file", flags->file, "JSON lines, each a task's input")->required()->type_name("FILE");
  warm->add_option("--at-once", flags->at_once, "Tasks at once")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  warm->callback([&globals, &chosen, flags] { chosen = [&globals, flags] { return WarmUp(globals, *flags); }; });
}

}  // namespace troupe::cli
