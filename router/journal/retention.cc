#include "router/journal/retention.h"

#include <algorithm>

#include "router/journal/payload_names.h"
#include "router/journal/sqlite_schema.h"

namespace troupe::journal {
namespace {

// What one batch may do: a few milliseconds of work.
constexpr int64_t kRecordsAtOnce = 512;
constexpr int64_t kTasksAtOnce = 64;
constexpr int64_t kRowsAtOnce = 1000;
constexpr int64_t kPagesAtOnce = 256;
// Free pages below this are left to be used again.
constexpr int64_t kFewPages = 1024;

}  // namespace

Result<std::unique_ptr<Retention>> Retention::Prepare(Database& database, const RetentionOptions& options,
                                                      const Clock& clock) {
  std::unique_ptr<Retention> retention(new Retention(database, options, clock));
  TRY(retention->PrepareAll());
  if (options.limited()) retention->due_ = Moment::min();
  return retention;
}

Status Retention::PrepareAll() {
  const std::pair<Statement*, const char*> all[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
      {&count_, "SELECT (SELECT count(*) FROM tasks) - (SELECT count(*) FROM tasks WHERE state = 0)"},
      {&removal_, "SELECT min(task) FROM removals"},
      {&records_, "SELECT id, bytes FROM records WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?"},
      {&delete_records_, "DELETE FROM records WHERE id >= ? AND id <= ?"},
      {&use_less_, "UPDATE payload_uses SET uses = uses - 1 WHERE sha256 = ?"},
      {&unused_, "SELECT uses FROM payload_uses WHERE sha256 = ?"},
      {&delete_use_, "DELETE FROM payload_uses WHERE sha256 = ?"},
      {&delete_payload_, "DELETE FROM payloads WHERE sha256 = ?"},
      {&delete_removal_, "DELETE FROM removals WHERE task = ?"},
      {&tasks_, "SELECT key, state, ended_ms FROM tasks WHERE key > ? ORDER BY key LIMIT ?"},
      {&delete_task_, "DELETE FROM tasks WHERE key = ?"},
      {&insert_removal_, "INSERT INTO removals (task) VALUES (?)"},
      {&versions_, "SELECT name, version, current FROM graphs ORDER BY name, applied_ms DESC"},
      {&task_versions_, "SELECT key, graph, version FROM tasks WHERE key > ? ORDER BY key LIMIT ?"},
      {&delete_version_, "DELETE FROM graphs WHERE name = ? AND version = ? AND current = 0"},
      {&pages_, "PRAGMA page_count"},
      {&free_pages_, "PRAGMA freelist_count"},
      {&vacuum_mode_, "PRAGMA auto_vacuum"},
  };
  for (const auto& [statement, sql] : all) {
    TRY_ASSIGN(*statement, database_.Prepare(sql));
  }
  return {};
}

Status Retention::Run() {
  Status done;
  if (phase_ == Phase::kSpace) {
    done = GiveSpaceBack();
  } else {
    done = begin_.Run();
    if (done) done = Batch();
    if (done) done = commit_.Run();
    if (!done) {
      (void)rollback_.Run();
      // What was counted on the way may not be so.
      finished_ = -1;
    }
  }
  if (!done) EndRound();
  return done;
}

Status Retention::Batch() {
  if (phase_ == Phase::kGraphs) return candidates_known_ ? DropUnusedVersions() : FindUnusedVersions();
  if (finished_ < 0) TRY(CountFinished());
  TRY_ASSIGN(const bool enough, RemoveRecords());
  return enough ? Status() : PickTasks();
}

void Retention::OnEnded(int64_t tasks) {
  if (finished_ < 0) return;
  finished_ += tasks;
  // Not at every task beyond the limit: each look costs transactions.
  const int64_t slack = kTasksAtOnce + options_.max_tasks / 100;
  if (options_.max_tasks > 0 && finished_ > options_.max_tasks + slack) due_ = Moment::min();
}

Status Retention::CountFinished() {
  TRY_ASSIGN(const bool row, count_.Step());
  finished_ = row ? count_.Integer(0) : 0;
  count_.Reset();
  return {};
}

Result<bool> Retention::RemoveRecords() {
  int64_t budget = kRecordsAtOnce;
  while (budget > 0) {
    TRY_ASSIGN(const bool row, removal_.Step());
    // min() of nothing is NULL, which reads as 0.
    const int64_t task = row ? removal_.Integer(0) : 0;
    removal_.Reset();
    if (task == 0) return false;
    TRY_ASSIGN(const int64_t removed, RemoveRecordsOf(task, budget));
    if (removed < budget) TRY(delete_removal_.Bind(1, task).Run());
    budget -= std::max<int64_t>(removed, 1);
  }
  return true;
}

Result<int64_t> Retention::RemoveRecordsOf(int64_t task, int64_t budget) {
  records_.Bind(1, RecordId(task, 0)).Bind(2, RecordId(task, kMaxSequence)).Bind(3, budget);
  int64_t removed = 0;
  int64_t last = 0;
  std::vector<std::string> names;
  while (true) {
    TRY_ASSIGN(const bool row, records_.Step());
    if (!row) break;
    ++removed;
    last = records_.Integer(0);
    // One that cannot be read names nothing that could be found.
    if (auto some = PayloadNamesIn(records_.Blob(1)); some) names.insert(names.end(), some->begin(), some->end());
  }
  records_.Reset();
  if (removed > 0) TRY(delete_records_.Bind(1, RecordId(task, 0)).Bind(2, last).Run());
  for (const std::string& name : names) TRY(Forget(name));
  return removed;
}

Status Retention::Forget(const std::string& sha256) {
  TRY(use_less_.Bind(1, sha256).Run());
  TRY_ASSIGN(const bool row, unused_.Bind(1, sha256).Step());
  const bool gone = row && unused_.Integer(0) <= 0;
  unused_.Reset();
  if (!gone) return {};
  TRY(delete_use_.Bind(1, sha256).Run());
  return delete_payload_.Bind(1, sha256).Run();
}

Status Retention::PickTasks() {
  const UnixMs too_old_ms = options_.max_age_ms > 0 ? clock_.NowMs() - options_.max_age_ms : 0;
  int64_t too_many = options_.max_tasks > 0 ? finished_ - options_.max_tasks : 0;
  std::vector<int64_t> picked;
  int64_t looked_at = 0;
  tasks_.Bind(1, cursor_).Bind(2, kRowsAtOnce);
  while (static_cast<int64_t>(picked.size()) < kTasksAtOnce) {
    TRY_ASSIGN(const bool row, tasks_.Step());
    if (!row) break;
    ++looked_at;
    cursor_ = tasks_.Integer(0);
    if (tasks_.Integer(1) == 0) continue;
    if (too_many <= 0 && tasks_.Integer(2) >= too_old_ms) continue;
    picked.push_back(cursor_);
    --too_many;
  }
  tasks_.Reset();
  for (const int64_t task : picked) {
    TRY(delete_task_.Bind(1, task).Run());
    TRY(insert_removal_.Bind(1, task).Run());
  }
  finished_ -= static_cast<int64_t>(picked.size());
  const bool all_seen = looked_at < kRowsAtOnce && static_cast<int64_t>(picked.size()) < kTasksAtOnce;
  const bool nothing_more = options_.max_age_ms == 0 && too_many <= 0;
  // Records of those picked are removed first.
  if (picked.empty() && (all_seen || nothing_more)) EndPhase(Phase::kGraphs);
  return {};
}

Status Retention::FindUnusedVersions() {
  candidates_.clear();
  std::string graph;
  int kept = 0;
  while (true) {
    TRY_ASSIGN(const bool row, versions_.Step());
    if (!row) break;
    if (versions_.Text(0) != graph) kept = 0;
    graph = versions_.Text(0);
    if (++kept > options_.graph_versions && versions_.Integer(2) == 0) candidates_.insert({graph, versions_.Text(1)});
  }
  versions_.Reset();
  candidates_known_ = true;
  if (candidates_.empty()) EndPhase(Phase::kSpace);
  return {};
}

Status Retention::DropUnusedVersions() {
  task_versions_.Bind(1, cursor_).Bind(2, kRowsAtOnce);
  int64_t looked_at = 0;
  while (true) {
    TRY_ASSIGN(const bool row, task_versions_.Step());
    if (!row) break;
    ++looked_at;
    cursor_ = task_versions_.Integer(0);
    candidates_.erase({task_versions_.Text(1), task_versions_.Text(2)});
  }
  task_versions_.Reset();
  if (looked_at == kRowsAtOnce && !candidates_.empty()) return {};
  for (const Version& gone : candidates_) TRY(delete_version_.Bind(1, gone.graph).Bind(2, gone.version).Run());
  EndPhase(Phase::kSpace);
  return {};
}

Status Retention::GiveSpaceBack() {
  int64_t numbers[3] = {0, 0, 0};
  Statement* const asked[3] = {&vacuum_mode_, &pages_, &free_pages_};
  for (int i = 0; i < 3; ++i) {
    TRY_ASSIGN(const bool row, asked[i]->Step());
    if (row) numbers[i] = asked[i]->Integer(0);
    asked[i]->Reset();
  }
  const auto [mode, pages, free] = numbers;
  constexpr int64_t kIncremental = 2;
  if (mode != kIncremental || free < kFewPages || free * 4 < pages) {
    EndRound();
    return {};
  }
  return database_.Execute(("PRAGMA incremental_vacuum(" + std::to_string(kPagesAtOnce) + ")").c_str());
}

void Retention::EndPhase(Phase next) {
  phase_ = next;
  cursor_ = 0;
  candidates_known_ = false;
}

void Retention::EndRound() {
  EndPhase(Phase::kTasks);
  const int64_t pause_ms = std::max(options_.pause_ms, options_.max_age_ms / 1000);
  due_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(pause_ms);
}

}  // namespace troupe::journal
