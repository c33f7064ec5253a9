#include "router/journal/sqlite_writer.h"

#include <chrono>
#include <utility>

#include "router/journal/sqlite_schema.h"
#include "runtime/base/check.h"
#include "runtime/base/value.h"

namespace troupe::journal {

Result<std::unique_ptr<SqliteWriter>> SqliteWriter::Start(Database database, const Options& options) {
  std::unique_ptr<SqliteWriter> writer(new SqliteWriter(std::move(database), options));
  TRY(writer->PrepareAll());
  writer->thread_ = std::thread([self = writer.get()] { self->Main(); });
  return writer;
}

SqliteWriter::~SqliteWriter() { (void)Close(); }

Status SqliteWriter::PrepareAll() {
  const std::pair<Statement*, const char*> all[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
      {&probe_, kProbe},
      {&insert_task_,
       "INSERT INTO tasks (key, uuid, request_id, request_digest, graph, version, state, accepted_ms, ended_ms, "
       "last_sequence, "
       "labels, answers, unsure, checked, differing) "
       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?9, ?7, ?10, ?11, ?8, ?12, ?13, ?14, ?15)"},
      {&end_task_,
       "UPDATE tasks SET state = ?, ended_ms = ?, last_sequence = ?, answers = ?, unsure = ?, checked = ?, "
       "differing = ? WHERE key = ?"},
      {&insert_record_, "INSERT INTO records (id, bytes) VALUES (?, ?)"},
      {&insert_blob_, "INSERT OR IGNORE INTO payloads (sha256, bytes) VALUES (?, ?)"},
      {&count_blob_,
       "INSERT INTO payload_uses (sha256, uses) VALUES (?, 1) ON CONFLICT (sha256) DO UPDATE SET uses = uses + 1"},
      {&clear_current_, "UPDATE graphs SET current = 0 WHERE name = ?"},
      {&insert_event_, "INSERT INTO graph_events (bytes) VALUES (?)"},
      {&insert_graph_,
       "INSERT INTO graphs (name, version, source, applied_ms, current) VALUES (?, ?, ?, ?, ?) "
       "ON CONFLICT (name, version) DO UPDATE SET current = excluded.current, applied_ms = excluded.applied_ms"},
  };
  for (const auto& [statement, sql] : all) {
    TRY_ASSIGN(*statement, database_.Prepare(sql));
  }
  TRY_ASSIGN(retention_, Retention::Prepare(database_, options_.retention, *options_.clock));
  return {};
}

void SqliteWriter::Append(Entry entry) {
  if (entry.durability != Durability::kFull && entry.waiter) {
    const std::shared_ptr<Waiter> waiter = std::move(entry.waiter);
    entry.waiter = nullptr;
    const int64_t sequence = entry.sequence;
    if (entry.durability == Durability::kRelaxed) Append(std::move(entry));
    waiter->OnDurable(sequence);
    return;
  }
  if (entry.durability == Durability::kNone) return;
  std::unique_lock lock(mutex_);
  urgent_ = urgent_ || entry.urgent;
  queue_.entries.push_back(std::move(entry));
  const bool notify = sleep_ == Sleep::kIdle || (sleep_ == Sleep::kLingering && urgent_);
  if (notify) sleep_ = Sleep::kNone;
  lock.unlock();
  if (notify) wake_.notify_one();
}

void SqliteWriter::Hurry() {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return;
    urgent_ = true;
    if (std::exchange(sleep_, Sleep::kNone) == Sleep::kNone) return;
  }
  wake_.notify_one();
}

Status SqliteWriter::SaveGraph(GraphRow graph, std::string event) {
  auto write = std::make_unique<GraphWrite>();
  write->row = std::move(graph);
  write->event = std::move(event);
  std::future<Status> done = write->done.get_future();
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return Unavailable("the journal is closing: apply the graph again once the router is back");
    if (!failure_) return failure_;
    queue_.graphs.push_back(std::move(write));
    urgent_ = true;
    sleep_ = Sleep::kNone;
  }
  wake_.notify_one();
  return done.get();
}

Status SqliteWriter::Health() const {
  const std::lock_guard lock(mutex_);
  if (!failure_) return failure_;
  if (queue_.entries.size() > options_.max_queued) {
    return Exhausted(std::to_string(queue_.entries.size()) + " records wait for the disk: try again later", 500);
  }
  return {};
}

Journal::Stats SqliteWriter::GetStats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

Status SqliteWriter::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  return failure_;
}

void SqliteWriter::Main() {
  while (std::optional<Group> group = Next()) {
    if (!Persist(*group)) return;
    Tell(*group);
    // A router that is never idle must not grow for ever.
    constexpr std::chrono::milliseconds kBetweenBatches{50};
    if (std::chrono::steady_clock::now() - retained_at_ >= kBetweenBatches) Retain();
  }
}

std::optional<SqliteWriter::Group> SqliteWriter::Next() {
  std::unique_lock lock(mutex_);
  while (queue_.empty() && !closing_) {
    const auto due = retention_->due();
    if (due <= std::chrono::steady_clock::now()) {
      lock.unlock();
      Retain();
      lock.lock();
      continue;
    }
    sleep_ = Sleep::kIdle;
    if (due == Retention::Moment::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, due);
    }
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.linger_ms);
  while (!urgent_ && !closing_) {
    sleep_ = Sleep::kLingering;
    if (wake_.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  sleep_ = Sleep::kNone;
  urgent_ = false;
  if (queue_.empty()) return std::nullopt;
  return std::exchange(queue_, {});
}

bool SqliteWriter::Persist(Group& group) {
  while (true) {
    const auto start = std::chrono::steady_clock::now();
    Status written = Write(group);
    const auto took = std::chrono::steady_clock::now() - start;
    LogChange(failure_, written);
    std::unique_lock lock(mutex_);
    failure_ = written;
    if (written) {
      stats_.records += static_cast<int64_t>(group.entries.size());
      stats_.groups += 1;
      stats_.commit_us += std::chrono::duration_cast<std::chrono::microseconds>(took).count();
      return true;
    }
    // Also those that came while it was tried: whoever waits for one would wait as long as the disk is away.
    for (Group* waiting : {&group, &queue_}) {
      for (const auto& graph : waiting->graphs) graph->done.set_value(written);
      waiting->graphs.clear();
    }
    if (closing_) return false;
    wake_.wait_for(lock, std::chrono::milliseconds(options_.retry_ms), [this] { return closing_; });
  }
}

void SqliteWriter::Retain() {
  if (retention_->due() > std::chrono::steady_clock::now()) return;
  const Status done = retention_->Run();
  retained_at_ = std::chrono::steady_clock::now();
  if (!done && !retention_failed_ && options_.log) {
    options_.log("finished tasks cannot be removed from the journal, it is tried again: " + done.error().message);
  }
  retention_failed_ = !done;
}

// An empty group is what is left where only graphs could not be written: then it is tried whether writing works.
Status SqliteWriter::Write(Group& group) {
  const auto all = [&]() -> Status {
    TRY(begin_.Run());
    for (const auto& graph : group.graphs) TRY(WriteGraph(*graph));
    const Ends ends = EndsOfNewTasks(group);
    for (const Entry& entry : group.entries) TRY(WriteEntry(entry, ends));
    if (group.empty()) TRY(probe_.Run());
    return commit_.Run();
  };
  Status written = all();
  // Some failures have rolled back by themselves; then this one says so and that is fine.
  if (!written) (void)rollback_.Run();
  return written;
}

// Tasks that begin and end within one group: they are written as ended at once, and never enter the index of running
// ones.
SqliteWriter::Ends SqliteWriter::EndsOfNewTasks(const Group& group) {
  Ends ends;
  for (const Entry& entry : group.entries) {
    if (entry.accepted) ends.try_emplace(entry.task, nullptr);
    if (!entry.ended) continue;
    if (const auto begun = ends.find(entry.task); begun != ends.end()) begun->second = &entry;
  }
  return ends;
}

Status SqliteWriter::WriteEntry(const Entry& entry, const Ends& ends) {
  for (const Blob& blob : entry.blobs) {
    TRY(insert_blob_.Bind(1, blob.sha256).BindBlob(2, blob.json).Run());
    TRY(count_blob_.Bind(1, blob.sha256).Run());
  }
  if (entry.accepted) {
    const NewTask& task = *entry.accepted;
    const std::string labels = task.labels.empty() ? std::string() : Dump(Value(task.labels));
    insert_task_.Bind(1, entry.task)
        .Bind(2, task.uuid)
        .Bind(5, task.graph)
        .Bind(6, task.version)
        .Bind(7, task.accepted_ms);
    if (!task.request_id.empty()) insert_task_.Bind(3, task.request_id).Bind(4, task.request_digest);
    if (!labels.empty()) insert_task_.Bind(8, labels);
    const Entry* end = ends.at(entry.task);
    insert_task_.Bind(9, end ? static_cast<int64_t>(end->ended->status) : 0)
        .Bind(10, end ? end->ended->ended_ms : 0)
        .Bind(11, end ? end->sequence : 0);
    const core::StudentTally students = end ? end->ended->students : core::StudentTally();
    insert_task_.Bind(12, students.answers)
        .Bind(13, students.unsure)
        .Bind(14, students.checked)
        .Bind(15, students.differing);
    TRY(insert_task_.Run());
  }
  for (const RecordRow& record : entry.before) {
    CHECK(record.sequence >= 1 && record.sequence < entry.sequence);
    TRY(insert_record_.Bind(1, RecordId(entry.task, record.sequence)).BindBlob(2, record.bytes).Run());
  }
  CHECK(entry.sequence >= 1 && entry.sequence <= kMaxSequence);
  TRY(insert_record_.Bind(1, RecordId(entry.task, entry.sequence)).BindBlob(2, entry.bytes).Run());
  const auto begun_here = ends.find(entry.task);
  if (entry.ended && begun_here == ends.end()) {
    TRY(end_task_.Bind(1, static_cast<int64_t>(entry.ended->status))
            .Bind(2, entry.ended->ended_ms)
            .Bind(3, entry.sequence)
            .Bind(4, entry.ended->students.answers)
            .Bind(5, entry.ended->students.unsure)
            .Bind(6, entry.ended->students.checked)
            .Bind(7, entry.ended->students.differing)
            .Bind(8, entry.task)
            .Run());
  }
  return {};
}

Status SqliteWriter::WriteGraph(const GraphWrite& graph) {
  const GraphRow& row = graph.row;
  if (!graph.event.empty()) TRY(insert_event_.BindBlob(1, graph.event).Run());
  if (row.source.empty()) return {};
  if (row.current) TRY(clear_current_.Bind(1, row.name).Run());
  return insert_graph_.Bind(1, row.name)
      .Bind(2, row.version)
      .BindBlob(3, row.source)
      .Bind(4, row.applied_ms)
      .Bind(5, row.current ? 1 : 0)
      .Run();
}

void SqliteWriter::LogChange(const Status& before, const Status& now) const {
  if (!options_.log || before.has_value() == now.has_value()) return;
  options_.log(now ? "the journal is written again: new tasks are taken in"
                   : "the journal cannot be written, new tasks are refused until it can: " + now.error().message);
}

void SqliteWriter::Tell(Group& group) {
  for (const auto& graph : group.graphs) graph->done.set_value({});
  int64_t ended = 0;
  for (Entry& entry : group.entries) {
    ended += entry.ended ? 1 : 0;
    if (entry.waiter) entry.waiter->OnDurable(entry.sequence);
  }
  retention_->OnEnded(ended);
}

}  // namespace troupe::journal
