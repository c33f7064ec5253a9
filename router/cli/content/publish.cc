#include "router/content/publish.h"

#include "router/cli/content/commands.h"
#include "router/cli/content/open_store.h"
#include "router/cli/exit_code.h"
#include "router/cli/format.h"
#include "router/cli/table.h"
#include "router/cli/terminal.h"
#include "router/content/parse.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

Result<std::vector<content::Published>> HistoryOf(const content::Store& store, const ContentVersionFlags& flags) {
  TRY_ASSIGN(std::vector<content::Published> history, content::ReadHistory(store, flags.set));
  if (history.empty()) {
    return NotFound("'" + flags.set + "' was never published to " + flags.where +
                    "; 'troupe content publish' does that");
  }
  return history;
}

}  // namespace

Result<int> PublishContent(const ContentPublishFlags& flags, Print print) {
  TRY_ASSIGN(const auto set, content::LoadGoodSet(flags.file));
  const auto gaps = flags.partial ? content::Gaps::kLeftOut : content::Gaps::kRefused;
  TRY_ASSIGN(const content::Release release, content::MakeRelease(*set, gaps));
  TRY_ASSIGN(const auto store, OpenStore(flags.to, flags.endpoint));
  TRY_ASSIGN(const content::PublishOutcome outcome, content::Publish(*store, release, SystemClock().NowMs()));
  TRY_ASSIGN(const int removed, content::Collect(*store, set->name, flags.keep));
  if (print == Print::kJson) {
    PrintJson(stdout, {{"set", set->name},
                       {"version", outcome.version},
                       {"before", outcome.before},
                       {"audiences", release.manifests.size()},
                       {"objects", release.objects.size()},
                       {"written", outcome.written},
                       {"removed", removed}});
    return kExitOk;
  }
  const std::string what = set->name + "@" + outcome.version;
  PrintText(stdout, outcome.before == outcome.version
                        ? what + ": published already"
                        : what + ": published for " +
                              Plural(static_cast<int64_t>(release.manifests.size()), "audience") + ", " +
                              Plural(outcome.written, "file") + " written, " + FormatCount(removed) +
                              " old ones removed");
  return kExitOk;
}

Result<int> ListContentVersions(const ContentVersionFlags& flags, Print print) {
  TRY_ASSIGN(const auto store, OpenStore(flags.where, flags.endpoint));
  TRY_ASSIGN(const std::vector<content::Published> history, HistoryOf(*store, flags));
  if (print == Print::kJson) {
    Value all = Value::array();
    for (const auto& entry : history) all.push_back({{"version", entry.version}, {"published_ms", entry.published_ms}});
    PrintJson(stdout, all);
    return kExitOk;
  }
  Table table({"VERSION", "PUBLISHED", "STATE"});
  for (const auto& entry : history) {
    table.Add({entry.version, FormatTime(entry.published_ms), &entry == &history.front() ? "current" : ""});
  }
  for (const std::string& line : table.Render(TableWidth())) PrintText(stdout, line);
  return kExitOk;
}

Result<int> RollBackContent(const ContentVersionFlags& flags, Print print) {
  TRY_ASSIGN(const auto store, OpenStore(flags.where, flags.endpoint));
  TRY(HistoryOf(*store, flags));
  const auto version = flags.version.empty() ? std::nullopt : std::optional(flags.version);
  TRY_ASSIGN(const content::PublishOutcome outcome,
             content::Rollback(*store, flags.set, version, SystemClock().NowMs()));
  if (print == Print::kJson) {
    PrintJson(stdout, {{"set", flags.set}, {"version", outcome.version}, {"before", outcome.before}});
  } else {
    PrintText(stdout, flags.set + "@" + outcome.version + ": current in place of " + outcome.before);
  }
  return kExitOk;
}

}  // namespace troupe::cli
