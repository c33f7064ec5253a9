#include "router/gateway/graphs.h"

#include <utility>

#include "router/graph/lint.h"

namespace troupe::gateway {
namespace {

graph::GraphSource FromProto(const v1::GraphSource& source) {
  return {
      .yaml = source.yaml(), .file_name = source.file_name(), .files = {source.files().begin(), source.files().end()}};
}

v1::GraphSource ToProto(const graph::GraphSource& source) {
  v1::GraphSource out;
  out.set_yaml(source.yaml);
  out.set_file_name(source.file_name);
  for (const auto& [path, text] : source.files) (*out.mutable_files())[path] = text;
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

Status Graphs::Load(const std::function<void(const std::string&)>& log) {
  TRY_ASSIGN(const std::vector<journal::GraphRow> rows, journal_.ReadGraphs());
  for (const journal::GraphRow& row : rows) {
    if (!row.current) continue;
    Result<Entry> entry = ParseRow(row);
    if (!entry) {
      if (log) log(entry.error().message);
      continue;
    }
    const std::lock_guard lock(mutex_);
    current_[row.name] = row.version;
    versions_[{row.name, row.version}] = std::move(*entry);
  }
  return {};
}

Result<Graphs::Applied> Graphs::Apply(graph::GraphSource source) {
  const std::lock_guard one_at_a_time(apply_mutex_);
  graph::Parsed parsed = graph::ParseGraph(std::move(source));
  Applied out{.graph = parsed.graph, .findings = std::move(parsed.findings)};
  if (!out.graph) return out;
  const std::string& name = out.graph->name;
  const std::string& version = out.graph->version.value;
  {
    const std::lock_guard lock(mutex_);
    const auto current = current_.find(name);
    out.changed = current == current_.end() || current->second != version;
  }
  if (!out.changed) return out;
  Entry entry{.graph = out.graph, .source = ToProto(parsed.source), .applied_ms = clock_.NowMs()};
  TRY(journal_.SaveGraph({.name = name,
                          .version = version,
                          .source = entry.source.SerializeAsString(),
                          .applied_ms = entry.applied_ms,
                          .current = true}));
  const std::lock_guard lock(mutex_);
  current_[name] = version;
  versions_[{name, version}] = std::move(entry);
  return out;
}

Result<Graphs::GraphPtr> Graphs::Current(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto current = current_.find(name);
  if (current == current_.end()) {
    std::string known;
    for (const auto& [other, version] : current_) known += (known.empty() ? "" : ", ") + other;
    return NotFound("no graph '" + name + "'" + (known.empty() ? "; none is applied yet" : "; there are: " + known) +
                    ": apply it with 'troupe apply FILE'");
  }
  return versions_.at({name, current->second}).graph;
}

Result<Graphs::Entry> Graphs::Get(const std::string& name, const std::string& version) {
  std::string wanted = version;
  if (wanted.empty()) {
    TRY_ASSIGN(const GraphPtr current, Current(name));
    const std::lock_guard lock(mutex_);
    wanted = current_.at(name);
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
  return NotFound("graph " + name + " has no version " + wanted);
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

std::vector<Graphs::Entry> Graphs::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> out;
  for (const auto& [name, version] : current_) out.push_back(versions_.at({name, version}));
  return out;
}

}  // namespace troupe::gateway
