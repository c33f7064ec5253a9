#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "router/journal/codec.h"
#include "router/journal/export.h"
#include "router/journal/export_file.h"
#include "router/journal/payload_names.h"
#include "router/journal/sqlite_schema.h"
#include "runtime/base/digest.h"

namespace troupe::journal {
namespace {

using Offsets = std::unordered_map<std::string, int64_t>;

bool IsEnded(v1::TaskState state) {
  return state == v1::TASK_STATE_DONE || state == v1::TASK_STATE_FAILED || state == v1::TASK_STATE_CANCELLED;
}

core::TaskStatus FromProto(v1::TaskState state) {
  if (state == v1::TASK_STATE_FAILED) return core::TaskStatus::kFailed;
  return state == v1::TASK_STATE_CANCELLED ? core::TaskStatus::kCancelled : core::TaskStatus::kDone;
}

// Looks at every item, and at how they follow on each other.
class Verifier {
 public:
  explicit Verifier(ExportReader& reader) : reader_(reader) {}

  // Where each payload is.
  Result<Offsets> Run() {
    while (true) {
      TRY_ASSIGN(const std::optional<v1::ExportItem> item, reader_.Next());
      if (!item) return std::move(payloads_);
      if (item->has_graph()) TRY(TakeGraph(item->graph()));
      if (item->has_graph_event() && item->graph_event().name().empty()) {
        return reader_.Damaged("an event of a graph without a name");
      }
      if (item->has_payload()) TRY(TakePayload(item->payload()));
      if (item->has_task()) TRY(TakeTask(item->task()));
      if (item->has_record()) TRY(TakeRecord(item->record()));
      if (item->has_end()) TRY(EndTask());
      if (item->item_case() == v1::ExportItem::ITEM_NOT_SET) return reader_.Damaged("an item of an unknown kind");
    }
  }

 private:
  Status TakeGraph(const v1::ExportGraph& graph) {
    if (graph.name().empty() || graph.version().empty()) return reader_.Damaged("a graph without a name or version");
    return {};
  }
  Status TakePayload(const v1::ExportPayload& payload) {
    if (Sha256Hex(payload.json()) != payload.sha256()) return reader_.Damaged("a payload is not what its name says");
    payloads_[payload.sha256()] = reader_.offset();
    return {};
  }
  Status TakeTask(const v1::ExportTask& task) {
    TRY(EndTask());
    if (task.task_id().empty()) return reader_.Damaged("a task without an id");
    if (!IsEnded(task.state()) && task.state() != v1::TASK_STATE_RUNNING) {
      return reader_.Damaged("task " + task.task_id() + " is in no state that this release knows");
    }
    const bool new_id = ids_.insert(task.task_id()).second;
    if (!new_id || (!task.request_id().empty() && !requests_.insert(task.request_id()).second)) {
      return reader_.Damaged("task " + task.task_id() + " or its request id comes twice");
    }
    task_ = task;
    records_ = 0;
    ended_ = false;
    return {};
  }
  Status TakeRecord(const std::string& bytes) {
    v1::Record record;
    if (!record.ParseFromString(bytes)) return reader_.Damaged("a record cannot be read");
    if (task_.task_id().empty() || record.task_id() != task_.task_id()) {
      return reader_.Damaged("a record of task " + record.task_id() + " does not follow its task");
    }
    if (record.sequence() != ++records_ || records_ > kMaxSequence) {
      return reader_.Damaged("record " + std::to_string(records_) + " of task " + record.task_id() + " is missing");
    }
    for (const std::string& name : PayloadNames(record)) {
      if (!payloads_.contains(name)) return reader_.Damaged("payload " + name + " is missing");
    }
    ended_ = EndsTask(record);
    return {};
  }
  Status EndTask() {
    if (task_.task_id().empty()) return {};
    if (records_ == 0) return reader_.Damaged("task " + task_.task_id() + " has no records");
    if (IsEnded(task_.state()) != ended_) {
      return reader_.Damaged("task " + task_.task_id() + " has another state than its records");
    }
    return {};
  }

  ExportReader& reader_;
  Offsets payloads_;
  std::unordered_set<std::string> ids_;
  std::unordered_set<std::string> requests_;
  v1::ExportTask task_;
  int64_t records_ = 0;
  bool ended_ = false;
};

// Waits for the disk.
class Flushed final : public Waiter {
 public:
  void OnDurable(int64_t) override {
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }
  // Errors: what keeps the journal from being written.
  Status Wait(const Journal& journal) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(100), [this] { return done_; })) {
      // A long queue is what is waited for.
      const Status health = journal.Health();
      if (!health && health.error().code != Code::kResourceExhausted) return health;
    }
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

class Importer {
 public:
  Importer(Journal& journal, ExportReader& reader, const Offsets& payloads)
      : journal_(journal), reader_(reader), payloads_(payloads) {}

  Result<ImportCounts> Run() {
    TRY_ASSIGN(last_key_, journal_.LastKey());
    TRY_ASSIGN(graphs_, journal_.ReadGraphs());
    first_key_ = last_key_;
    while (true) {
      TRY_ASSIGN(const std::optional<v1::ExportItem> item, reader_.Next());
      if (!item || item->has_end()) break;
      if (item->has_graph()) TRY(TakeGraph(item->graph()));
      if (item->has_graph_event()) TRY(TakeGraphEvent(item->graph_event()));
      if (item->has_task()) TRY(TakeTask(item->task()));
      if (item->has_record() && wanted_) TRY(TakeRecord(item->record()));
    }
    TRY(EndTask());
    TRY(Flush());
    return counts_;
  }

 private:
  Status TakeGraph(const v1::ExportGraph& graph) {
    bool has_current = false;
    for (const GraphRow& row : graphs_) {
      if (row.name == graph.name() && row.version == graph.version()) return {};
      has_current = has_current || (row.name == graph.name() && row.current);
    }
    ++counts_.graphs;
    return journal_.SaveGraph({.name = graph.name(),
                               .version = graph.version(),
                               .source = graph.source().SerializeAsString(),
                               .applied_ms = graph.applied_ms(),
                               .current = graph.current() && !has_current});
  }

  // Only of graphs that were not here: two histories do not become one.
  Status TakeGraphEvent(v1::GraphEvent event) {
    const bool was_here =
        std::any_of(graphs_.begin(), graphs_.end(), [&](const GraphRow& row) { return row.name == event.name(); });
    if (was_here) return {};
    // tasks get new numbers here
    if (event.has_canary_started()) event.mutable_canary_started()->set_after_task(first_key_);
    return journal_.SaveGraph({.name = event.name()}, event.SerializeAsString());
  }

  Status TakeTask(const v1::ExportTask& task) {
    TRY(EndTask());
    wanted_ = false;
    TRY_ASSIGN(const std::optional<TaskRow> same, journal_.FindTask(task.task_id()));
    if (same) {
      ++counts_.there_already;
      return {};
    }
    if (!task.request_id().empty()) {
      TRY_ASSIGN(const std::optional<TaskRow> other, journal_.FindRequest(task.request_id()));
      if (other) {
        ++counts_.request_taken;
        return {};
      }
    }
    wanted_ = true;
    ++counts_.tasks;
    ++last_key_;
    task_ = task;
    return {};
  }

  Status TakeRecord(const std::string& bytes) {
    v1::Record record;
    record.ParseFromString(bytes);
    Entry entry{.task = last_key_, .sequence = record.sequence(), .bytes = bytes, .urgent = false};
    for (const std::string& name : PayloadNames(record)) {
      TRY_ASSIGN(v1::ExportItem item, reader_.At(payloads_.at(name)));
      entry.blobs.push_back({name, std::move(*item.mutable_payload()->mutable_json())});
    }
    if (record.sequence() == 1) {
      entry.accepted = NewTask{.uuid = task_.task_id(),
                               .request_id = task_.request_id(),
                               .request_digest = task_.request_digest(),
                               .graph = task_.graph(),
                               .version = task_.graph_version(),
                               .accepted_ms = task_.accepted_ms(),
                               .labels = {task_.labels().begin(), task_.labels().end()}};
    }
    if (EndsTask(record)) entry.ended = EndedTask{FromProto(task_.state()), task_.ended_ms()};
    ++counts_.records;
    bytes_ += bytes.size();
    for (const Blob& blob : entry.blobs) bytes_ += blob.json.size();
    waiting_.push_back(std::move(entry));
    return {};
  }

  // Tasks are appended whole, many at once.
  Status EndTask() {
    constexpr size_t kAtOnce = 4096;
    constexpr size_t kBytesAtOnce = 32u << 20;
    wanted_ = false;
    if (waiting_.size() < kAtOnce && bytes_ < kBytesAtOnce) return {};
    return Flush();
  }

  Status Flush() {
    if (waiting_.empty()) return {};
    const auto flushed = std::make_shared<Flushed>();
    waiting_.back().waiter = flushed;
    waiting_.back().urgent = true;
    for (Entry& entry : waiting_) journal_.Append(std::move(entry));
    waiting_.clear();
    bytes_ = 0;
    return flushed->Wait(journal_);
  }

  Journal& journal_;
  ExportReader& reader_;
  const Offsets& payloads_;
  ImportCounts counts_;
  std::vector<GraphRow> graphs_;
  TaskKey first_key_ = 0;
  TaskKey last_key_ = 0;
  v1::ExportTask task_;
  bool wanted_ = false;
  std::vector<Entry> waiting_;
  size_t bytes_ = 0;
};

}  // namespace

Result<ImportCounts> Import(Journal& journal, const std::filesystem::path& file) {
  TRY_ASSIGN(ExportReader first, ExportReader::Open(file));
  TRY_ASSIGN(const Offsets payloads, Verifier(first).Run());
  TRY_ASSIGN(ExportReader second, ExportReader::Open(file));
  return Importer(journal, second, payloads).Run();
}

}  // namespace troupe::journal
