#include <charconv>
#include <memory>

#include "router/cli/client.h"
#include "router/cli/commands/command.h"
#include "router/cli/graph_source.h"
#include "router/cli/message_json.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "runtime/base/digest.h"

namespace troupe::cli {
namespace {

struct ApplyFlags {
  std::string path;
  std::string canary;
  int min_tasks = 0;
  std::string margin;
  std::string unsure_margin;
  std::string differing_margin;
  int min_checks = 0;
  bool says_how_to_judge() const {
    return min_tasks != 0 || min_checks != 0 || !(margin + unsure_margin + differing_margin).empty();
  }
};

// "10%" or "10".
Result<int> ReadPercent(const std::string& flag, const std::string& text, int most) {
  const std::string digits = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  int percent = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (failed != std::errc() || end != digits.data() + digits.size() || percent < 1 || percent > most) {
    return Invalid(flag + ": must be a whole number from 1% to " + std::to_string(most) + "%, got '" + text + "'");
  }
  return percent;
}

Status ReadRule(const ApplyFlags& flags, v1::CanaryRule& rule) {
  const auto margin = [](const char* flag, const std::string& text) {
    return text.empty() ? Result<int>(0) : ReadPercent(flag, text, 100);
  };
  TRY_ASSIGN(const int percent, ReadPercent("--canary", flags.canary, 99));
  TRY_ASSIGN(const int failed, margin("--margin", flags.margin));
  TRY_ASSIGN(const int unsure, margin("--unsure-margin", flags.unsure_margin));
  TRY_ASSIGN(const int differing, margin("--differing-margin", flags.differing_margin));
  rule.set_percent(percent);
  rule.set_min_tasks(flags.min_tasks);
  rule.set_margin_percent(failed);
  rule.set_unsure_margin_percent(unsure);
  rule.set_differing_margin_percent(differing);
  rule.set_min_checks(flags.min_checks);
  return {};
}

Result<v1::ApplyRequest> BuildApply(const ApplyFlags& flags) {
  v1::ApplyRequest request;
  if (flags.canary.empty() && flags.says_how_to_judge()) {
    return Invalid("--min-tasks, --min-checks and the margins say how a canary is judged: give --canary too");
  }
  if (!flags.canary.empty()) TRY(ReadRule(flags, *request.mutable_canary()));
  TRY_ASSIGN(const LoadedGraph loaded, LoadGoodGraph(flags.path, graph::FilesMust::kBeNamed));
  *request.mutable_source() = ToMessage(loaded.source);
  return request;
}

Result<v1::ApplyResponse> Apply(const Globals& globals, const ApplyFlags& flags) {
  TRY_ASSIGN(const v1::ApplyRequest request, BuildApply(flags));
  TRY_ASSIGN(const std::string address, RouterAddress(globals.router));
  return Client(address).Apply(request);
}

// "help-desk: version a1b2c3d4e5f6 from now on"
std::string Said(const v1::ApplyResponse& response) {
  std::string line = response.name() + ": version " + ShortDigest(response.version());
  if (response.percent() < 100) line += " on " + std::to_string(response.percent()) + "% of new tasks";
  return line + (response.changed() ? " from now on" : " as before");
}

}  // namespace

void AddApply(CLI::App& app, const Globals& globals, Action& chosen) {
  auto flags = std::make_shared<ApplyFlags>();
  CLI::App* command = app.add_subcommand("apply", "Hand a graph to the router: new tasks run on it");
  command->footer(
      "Checks the file here first. Tasks under way run to their end on the version they began with. The graph's "
      "agents\n"
      "must be running: 'troupe up' starts those of the graphs that it is given.\n\n"
      "With --canary, only that share of new tasks runs on it, chosen by request id (else by task id), so that a\n"
      "repeated request stays where it is. Once --min-tasks have ended on it and the percentage that failed is more\n"
      "than --margin above that of the current version, the router goes back by itself. So it does where its students\n"
      "(steps with 'teach') are unsure of more of their answers by --unsure-margin, or where their teachers, asked "
      "for\n"
      "spot checks ('teach: {check: 2%}'), differ from more of them by --differing-margin. 'troupe graphs GRAPH' "
      "shows\n"
      "how it does, 'troupe promote' makes it current, 'troupe rollback' ends it; applied again, the share changes.\n\n"
      "Examples:\n"
      "  troupe apply help-desk.yaml\n"
      "  troupe apply help-desk.yaml --canary 10%\n"
      "  troupe apply help-desk.yaml --canary 50% --min-tasks 200 --margin 2%\n"
      "  troupe apply help-desk.yaml --canary 20% --unsure-margin 5% --differing-margin 5% --min-checks 50");
  command->add_option("file", flags->path, "The graph file")->required()->type_name("FILE");
  command->add_option("--canary", flags->canary, "Try it out on this share of new tasks, 1% to 99%")
      ->type_name("PERCENT");
  command->add_option("--min-tasks", flags->min_tasks, "Judge the canary from so many ended tasks on (default 50)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--margin", flags->margin, "Go back where it fails this many points more (default 5%)")
      ->type_name("PERCENT");
  command
      ->add_option("--unsure-margin", flags->unsure_margin,
                   "Go back where its students are unsure of this many points more of their answers (default 10%)")
      ->type_name("PERCENT");
  command
      ->add_option("--differing-margin", flags->differing_margin,
                   "Go back where this many points more of their spot checks differ from the teacher (default 10%)")
      ->type_name("PERCENT");
  command->add_option("--min-checks", flags->min_checks, "Judge spot checks from so many on (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command->callback([&globals, &chosen, flags] {
    chosen = [&globals, flags]() -> int {
      const auto response = Apply(globals, *flags);
      if (!response) return Fail(response.error());
      if (globals.json()) {
        PrintJson(stdout, ToJson(*response));
        return kExitOk;
      }
      for (const v1::Finding& warning : response->warnings()) {
        PrintText(stderr, warning.file() + ":" + std::to_string(warning.line()) + ":" +
                              std::to_string(warning.column()) + ": warning: " + warning.message());
      }
      PrintText(stdout, Said(*response));
      return kExitOk;
    };
  });
}

}  // namespace troupe::cli
