// What changes which version new tasks run on: wishes of clients, and canaries that do badly.
#include <utility>

#include "router/gateway/graphs.h"
#include "router/rollout/verdict.h"
#include "runtime/base/digest.h"

namespace troupe::gateway {
namespace {

v1::GraphSource ToProto(const graph::GraphSource& source) {
  v1::GraphSource out;
  out.set_yaml(source.yaml);
  out.set_file_name(source.file_name);
  for (const auto& [path, text] : source.files) (*out.mutable_files())[path] = text;
  return out;
}

// Of a hundred new tasks so many run on it.
int PercentOf(const rollout::Rollout& rollout, const std::string& version) {
  const int on_canary = rollout.canary ? rollout.canary->rule.percent : 0;
  if (rollout.canary && rollout.canary->version == version) return on_canary;
  return rollout.current == version ? 100 - on_canary : 0;
}

}  // namespace

Result<rollout::Rollout> Graphs::RolloutOf(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto named = named_.find(name);
  if (named == named_.end()) return NoGraph(name);
  return named->second.rollout;
}

bool Graphs::Held::Count(const std::string& version, journal::TaskKey key, const rollout::Tally& ended) {
  if (!rollout.canary || key <= rollout.canary->after_task) return false;
  Add(version, ended);
  return true;
}

void Graphs::Held::Add(const std::string& version, const rollout::Tally& ended) {
  if (version == rollout.current) on_current += ended;
  if (version == rollout.canary->version) on_canary += ended;
}

Status Graphs::Record(const std::string& name, journal::GraphRow row, rollout::What what) {
  rollout::Event event{clock_.NowMs(), std::move(what)};
  v1::GraphEvent message;
  Encode(name, event, message);
  {
    const std::lock_guard lock(mutex_);
    const auto named = named_.find(name);
    Held next = named == named_.end() ? Held() : named->second;
    const std::string before = next.rollout.canary ? next.rollout.canary->version : "";
    rollout::Fold(next.rollout, std::move(event));
    if (next.rollout.canary && next.rollout.canary->version != before) next.on_canary = next.on_current = {};
    canaries_ += next.rollout.canary ? 1 : 0;
    next_.emplace(name, std::move(next));
  }
  const Status written = journal_.SaveGraph(std::move(row), message.SerializeAsString());
  const std::lock_guard lock(mutex_);
  Held next = std::move(next_->second);
  next_.reset();
  if (written) {
    Held& named = named_[name];
    canaries_ -= named.rollout.canary ? 1 : 0;
    const std::string before = named.rollout.canary ? named.rollout.canary->version : "";
    // its agents may be stopped from now on, and are waited for where it comes back
    if (!next.rollout.canary || next.rollout.canary->version != before) there_.erase({name, before});
    named = std::move(next);
  } else {
    canaries_ -= next.rollout.canary ? 1 : 0;
  }
  return written;
}

// Whole, because a version that nobody needed may have been removed from the journal meanwhile.
Result<journal::GraphRow> Graphs::CurrentRow(const std::string& name, const std::string& version) {
  TRY_ASSIGN(const Entry entry, Get(name, version));
  return journal::GraphRow{.name = name,
                           .version = version,
                           .source = entry.source.SerializeAsString(),
                           .applied_ms = entry.applied_ms,
                           .current = true};
}

Status Graphs::Take(const GraphPtr& graph, const graph::GraphSource& source, Becomes becomes, rollout::What what) {
  const std::string& version = graph->version.value;
  Entry entry{.graph = graph, .source = ToProto(source), .applied_ms = clock_.NowMs()};
  journal::GraphRow row{.name = graph->name,
                        .version = version,
                        .source = entry.source.SerializeAsString(),
                        .applied_ms = entry.applied_ms,
                        .current = becomes == Becomes::kCurrent};
  {
    // there before anyone can pick it
    const std::lock_guard lock(mutex_);
    versions_[{graph->name, version}] = std::move(entry);
  }
  return Record(graph->name, std::move(row), std::move(what));
}

Result<Graphs::Applied> Graphs::Apply(graph::GraphSource source, const std::optional<rollout::CanaryRule>& canary) {
  const std::lock_guard one_at_a_time(change_mutex_);
  graph::Parsed parsed = graph::ParseGraph(std::move(source));
  Applied out{.graph = parsed.graph, .findings = std::move(parsed.findings)};
  if (!out.graph) return out;
  const std::string& name = out.graph->name;
  const std::string& version = out.graph->version.value;
  rollout::Rollout rollout;
  if (auto known = RolloutOf(name)) rollout = std::move(*known);
  std::optional<rollout::What> what;
  if (canary) {
    TRY_ASSIGN(const journal::TaskKey last_task, journal_.LastKey());
    TRY_ASSIGN(what, rollout::DecideCanary(rollout, version, *canary, last_task));
  } else {
    what = rollout::DecideApply(rollout, version);
  }
  out.percent = PercentOf(rollout, version);
  if (!what) return out;
  out.changed = true;
  out.percent = canary ? canary->percent : 100;
  TRY(Take(out.graph, parsed.source, canary ? Becomes::kCanary : Becomes::kCurrent, std::move(*what)));
  // another rule may be stricter than the one before
  if (canary) JudgeCanary(name);
  return out;
}

Result<Graphs::Started> Graphs::ApplyAtStart(graph::GraphSource source) {
  const std::lock_guard one_at_a_time(change_mutex_);
  graph::Parsed parsed = graph::ParseGraph(std::move(source));
  Started out{.graph = parsed.graph, .findings = std::move(parsed.findings)};
  if (!out.graph) return out;
  const std::string& name = out.graph->name;
  if (auto known = RolloutOf(name)) out.rollout = std::move(*known);
  rollout::AtStart start = rollout::DecideAtStart(out.rollout, out.graph->version.value);
  out.outcome = start.outcome;
  if (!start.what) return out;
  if (out.outcome == rollout::AtStart::Outcome::kApplied) {
    TRY(Take(out.graph, parsed.source, Becomes::kCurrent, std::move(*start.what)));
  } else if (const Status seen = Record(name, {.name = name}, std::move(*start.what)); !seen) {
    // a router starts on a disk that takes nothing, too
    Log("graph " + name + ": that it was started with this file could not be written down: " + seen.error().message);
  }
  TRY_ASSIGN(out.rollout, RolloutOf(name));
  return out;
}

Result<Graphs::Moved> Graphs::Promote(const std::string& name, const std::string& version) {
  const std::lock_guard one_at_a_time(change_mutex_);
  TRY_ASSIGN(const rollout::Rollout rollout, RolloutOf(name));
  TRY_ASSIGN(const std::string meant, FullVersion(name, version));
  TRY_ASSIGN(rollout::What what, rollout::DecidePromote(rollout, meant));
  const std::string canary = rollout.canary->version;
  TRY_ASSIGN(journal::GraphRow row, CurrentRow(name, canary));
  TRY(Record(name, std::move(row), std::move(what)));
  return Moved{canary, rollout.current};
}

Result<Graphs::Moved> Graphs::RollBack(const std::string& name, const std::string& version, const std::string& reason) {
  const std::lock_guard one_at_a_time(change_mutex_);
  TRY_ASSIGN(const rollout::Rollout rollout, RolloutOf(name));
  TRY_ASSIGN(const std::string wanted, FullVersion(name, version));
  TRY_ASSIGN(rollout::What what, rollout::DecideRollBack(rollout, wanted, reason));
  const auto back = std::get<rollout::RolledBack>(what);
  journal::GraphRow row{.name = name};
  if (back.to != rollout.current) {
    TRY_ASSIGN(row, CurrentRow(name, back.to));
  }
  TRY(Record(name, std::move(row), std::move(what)));
  return Moved{back.to, back.from};
}

bool Graphs::NoteEnd(const graph::Graph& graph, journal::TaskKey key, core::TaskStatus status,
                     const core::StudentTally& students) {
  const bool failed = status == core::TaskStatus::kFailed;
  if (!failed && status != core::TaskStatus::kDone) return false;
  const rollout::Tally ended{1, failed ? 1 : 0, students};
  const std::lock_guard lock(mutex_);
  const std::string& version = graph.version.value;
  if (next_ && next_->first == graph.name) next_->second.Count(version, key, ended);
  const auto found = named_.find(graph.name);
  if (found == named_.end() || !found->second.Count(version, key, ended)) return false;
  const Held& held = found->second;
  return rollout::WhyRollBack(held.rollout.canary->rule, held.on_canary, held.on_current).has_value();
}

void Graphs::RollBackCanary(const std::string& name) {
  const std::lock_guard one_at_a_time(change_mutex_);
  JudgeCanary(name);
}

void Graphs::JudgeCanary(const std::string& name) {
  std::optional<std::string> why;
  std::optional<rollout::What> what;
  {
    const std::lock_guard lock(mutex_);
    const auto named = named_.find(name);
    if (named == named_.end() || !named->second.rollout.canary) return;
    const rollout::Rollout& rollout = named->second.rollout;
    why = rollout::WhyRollBack(rollout.canary->rule, named->second.on_canary, named->second.on_current);
    if (why) what = rollout::DecideAutomaticRollBack(rollout, *why);
  }
  if (!why) return;
  const auto back = std::get<rollout::RolledBack>(*what);
  const Status done = Record(name, {.name = name}, std::move(*what));
  const std::string version = "graph " + name + ": canary " + ShortDigest(back.from);
  // The next of its tasks that ends leads here again.
  Log(done ? version + " is rolled back: " + *why
           : version + " must be rolled back and cannot be yet: " + done.error().message);
}

Status Graphs::CountAgain(const std::string& name) {
  TRY_ASSIGN(const rollout::Rollout rollout, RolloutOf(name));
  TRY_ASSIGN(const std::vector<journal::VersionCount> counts, journal_.CountEnded(name, rollout.canary->after_task));
  const std::lock_guard lock(mutex_);
  Held& named = named_[name];
  for (const journal::VersionCount& count : counts) {
    if (count.status == core::TaskStatus::kCancelled) continue;
    const bool failed = count.status == core::TaskStatus::kFailed;
    named.Add(count.version, {count.tasks, failed ? count.tasks : 0, count.students});
  }
  return {};
}

}  // namespace troupe::gateway
