#include "router/gateway/graphs.h"

#include <algorithm>
#include <utility>

#include "router/graph/lint.h"
#include "router/journal/codec.h"
#include "router/rollout/split.h"

namespace troupe::gateway {
namespace {

graph::GraphSource FromProto(const v1::GraphSource& source) {
  return {
      .yaml = source.yaml(), .file_name = source.file_name(), .files = {source.files().begin(), source.files().end()}};
}

// What the journal's events make of each graph. Those of a kind that this release does not know are left out.
Result<std::map<std::string, rollout::Rollout>> FoldAll(const std::vector<std::string>& events) {
  std::map<std::string, rollout::Rollout> out;
  for (const std::string& bytes : events) {
    TRY_ASSIGN(const v1::GraphEvent message, journal::ParseGraphEvent(bytes));
    if (auto event = Decode(message)) rollout::Fold(out[message.name()], std::move(*event));
  }
  return out;
}

}  // namespace

Result<Graphs::Entry> Graphs::ParseRow(const journal::GraphRow& row) const {
  Entry entry{.applied_ms = row.applied_ms};
  if (!entry.source.ParseFromString(row.source)) {
    return Error{Code::kDataLoss, "graph " + row.name + " is damaged in the journal: apply it again"};
  }
  graph::Parsed parsed = graph::ParseGraph(FromProto(entry.source));
  if (!parsed.graph) {
    return FailedPrecondition("this release refuses graph " + row.name + ": correct it and apply it again\n" +
                              graph::ToString(parsed.findings));
  }
  entry.graph = std::move(parsed.graph);
  return entry;
}

Status Graphs::Load() {
  TRY_ASSIGN(const std::vector<journal::GraphRow> rows, journal_.ReadGraphs());
  TRY_ASSIGN(const std::vector<std::string> events, journal_.ReadGraphEvents());
  TRY_ASSIGN(auto rollouts, FoldAll(events));
  for (const journal::GraphRow& row : rows) {
    if (row.current) TRY(LoadOne(row, rows, std::move(rollouts[row.name])));
  }
  return {};
}

Status Graphs::LoadOne(const journal::GraphRow& current, const std::vector<journal::GraphRow>& rows,
                       rollout::Rollout rollout) {
  Result<Entry> entry = ParseRow(current);
  if (!entry) {
    Log(entry.error().message);
    return {};
  }
  // a release that wrote no events down made it current
  if (rollout.current != current.version) {
    rollout::Fold(rollout, {current.applied_ms, rollout::Applied{current.version}});
  }
  const std::optional<rollout::Canary> canary = rollout.canary;
  {
    const std::lock_guard lock(mutex_);
    versions_[{current.name, current.version}] = std::move(*entry);
    named_[current.name].rollout = std::move(rollout);
    canaries_ += canary ? 1 : 0;
  }
  if (!canary) return {};
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const journal::GraphRow& other) {
    return other.name == current.name && other.version == canary->version;
  });
  Result<Entry> tried = row == rows.end() ? NotFound("it is no longer in the journal") : ParseRow(*row);
  if (!tried) {
    TRY_ASSIGN(const rollout::Rollout now, RolloutOf(current.name));
    Log("graph " + current.name + ": the canary cannot go on: " + tried.error().message);
    return Record(current.name, {.name = current.name},
                  rollout::DecideAutomaticRollBack(now, "it cannot go on: " + tried.error().message));
  }
  {
    const std::lock_guard lock(mutex_);
    versions_[{current.name, canary->version}] = std::move(*tried);
  }
  TRY(CountAgain(current.name));
  RollBackCanary(current.name);
  return {};
}

Error Graphs::NoGraph(const std::string& name) const {
  std::string known;
  for (const auto& [other, named] : named_) known += (known.empty() ? "" : ", ") + other;
  return NotFound("no graph '" + name + "'" + (known.empty() ? "; none is applied yet" : "; there are: " + known) +
                  ": apply it with 'troupe apply FILE'");
}

Result<Graphs::GraphPtr> Graphs::Pick(const std::string& name, const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto named = named_.find(name);
  if (named == named_.end()) return NoGraph(name);
  const rollout::Rollout& rollout = named->second.rollout;
  const std::string& picked = rollout::PickVersion(rollout, key);
  const bool may = picked == rollout.current || MayHaveTasks({name, picked});
  return versions_.at({name, may ? picked : rollout.current}).graph;
}

bool Graphs::MayHaveTasks(const Key& version) const {
  if (!all_are_there_ || there_.contains(version)) return true;
  if (!all_are_there_(*versions_.at(version).graph)) return false;
  there_.insert(version);
  return true;
}

Result<std::string> Graphs::FullVersion(const std::string& name, const std::string& beginning) const {
  constexpr size_t kWhole = 64;
  constexpr size_t kLeast = 8;
  if (beginning.empty() || beginning.size() >= kWhole) return beginning;
  if (beginning.size() < kLeast) return Invalid("version: give 8 digits of it or more, got '" + beginning + "'");
  TRY_ASSIGN(const std::vector<journal::GraphRow> rows, journal_.ReadGraphs());
  std::string found;
  for (const journal::GraphRow& row : rows) {
    if (row.name != name || !row.version.starts_with(beginning)) continue;
    if (!found.empty()) return Invalid("version: " + beginning + " is how several begin: give more digits");
    found = row.version;
  }
  // what does not exist is said where it is looked for
  return found.empty() ? beginning : found;
}

Result<Graphs::Entry> Graphs::Get(const std::string& name, const std::string& version) {
  std::string wanted;
  {
    const std::lock_guard lock(mutex_);
    const auto named = named_.find(name);
    if (version.empty() && named == named_.end()) return NoGraph(name);
    if (version.empty()) wanted = named->second.rollout.current;
  }
  if (wanted.empty()) {
    TRY_ASSIGN(wanted, FullVersion(name, version));
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = versions_.find({name, wanted}); found != versions_.end()) return found->second;
  }
  TRY_ASSIGN(const std::vector<journal::GraphRow> rows, journal_.ReadGraphs());
  for (const journal::GraphRow& row : rows) {
    if (row.name != name || row.version != wanted) continue;
    TRY_ASSIGN(Entry entry, ParseRow(row));
    const std::lock_guard lock(mutex_);
    return versions_.insert_or_assign({name, wanted}, std::move(entry)).first->second;
  }
  return NotFound("graph " + name + " has no version " + wanted + ": 'troupe graphs " + name + "' lists them");
}

Result<Graphs::GraphPtr> Graphs::Version(const std::string& name, const std::string& version) {
  {
    // Asked for every task that is brought back: without a copy of the graph's source.
    const std::lock_guard lock(mutex_);
    if (const auto found = versions_.find({name, version}); found != versions_.end()) return found->second.graph;
  }
  TRY_ASSIGN(const Entry entry, Get(name, version));
  return entry.graph;
}

std::vector<Graphs::Listed> Graphs::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<Listed> out;
  for (const auto& [name, named] : named_) {
    const Entry& entry = versions_.at({name, named.rollout.current});
    Listed& listed = out.emplace_back(Listed{.graph = entry.graph, .applied_ms = entry.applied_ms});
    listed.previous = named.rollout.previous();
    if (named.rollout.canary) listed.canary = CanaryView{*named.rollout.canary, named.on_canary, named.on_current};
  }
  return out;
}

Result<Graphs::Versions> Graphs::ListVersions(const std::string& name) const {
  Versions out;
  TRY_ASSIGN(out.rows, journal_.ReadGraphs());
  std::erase_if(out.rows, [&](const journal::GraphRow& row) { return row.name != name; });
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const auto& a, const auto& b) { return a.applied_ms > b.applied_ms; });
  const std::lock_guard lock(mutex_);
  const auto named = named_.find(name);
  if (named == named_.end()) return NoGraph(name);
  out.rollout = named->second.rollout;
  if (out.rollout.canary)
    out.canary = CanaryView{*out.rollout.canary, named->second.on_canary, named->second.on_current};
  return out;
}

}  // namespace troupe::gateway
