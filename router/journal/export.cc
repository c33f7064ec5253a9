#include "router/journal/export.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "router/journal/codec.h"
#include "router/journal/export_file.h"
#include "router/journal/payload_names.h"

namespace troupe::journal {
namespace {

// Oldest first.
Result<std::vector<std::string>> AllTasks(Journal& journal) {
  std::vector<std::string> ids;
  TaskFilter filter{.limit = 1000};
  while (true) {
    TRY_ASSIGN(const std::vector<TaskRow> rows, journal.ListTasks(filter));
    for (const TaskRow& row : rows) ids.push_back(row.task.uuid);
    if (rows.empty()) break;
    filter.before = rows.back().key;
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

class Exporter {
 public:
  Exporter(Journal& journal, ExportWriter& writer) : journal_(journal), writer_(writer) {}

  Result<ExportCounts> Run(const std::vector<std::string>& tasks, const ExportOptions& options) {
    std::vector<GraphRow> graphs;
    TRY_ASSIGN(graphs, journal_.ReadGraphs());
    if (!options.tasks.empty()) TRY(KeepNeeded(tasks, graphs));
    counts_ = {.graphs = static_cast<int64_t>(graphs.size()), .tasks = static_cast<int64_t>(tasks.size())};
    v1::ExportItem item;
    v1::ExportHeader& header = *item.mutable_header();
    header.set_format(kExportFormat);
    header.set_release(options.release);
    header.set_written_ms(options.now_ms);
    header.set_tasks(counts_.tasks);
    header.set_graphs(counts_.graphs);
    TRY(writer_.Write(item));
    for (const GraphRow& graph : graphs) TRY(WriteGraph(graph));
    if (options.tasks.empty()) TRY(WriteGraphEvents());
    for (const std::string& task : tasks) TRY(WriteTask(task));
    TRY(writer_.Finish());
    return counts_;
  }

 private:
  // Of the graphs only the versions that these tasks are on.
  Status KeepNeeded(const std::vector<std::string>& tasks, std::vector<GraphRow>& graphs) {
    std::set<std::pair<std::string, std::string>> needed;
    for (const std::string& id : tasks) {
      TRY_ASSIGN(const TaskRow row, Find(id));
      needed.insert({row.task.graph, row.task.version});
    }
    std::erase_if(graphs, [&](const GraphRow& graph) { return !needed.contains({graph.name, graph.version}); });
    return {};
  }

  Result<TaskRow> Find(const std::string& id) {
    TRY_ASSIGN(std::optional<TaskRow> row, journal_.FindTask(id));
    if (!row) return NotFound("the journal has no task " + id);
    return std::move(*row);
  }

  Status WriteGraph(const GraphRow& graph) {
    v1::ExportItem item;
    v1::ExportGraph& out = *item.mutable_graph();
    out.set_name(graph.name);
    out.set_version(graph.version);
    if (!out.mutable_source()->ParseFromString(graph.source)) {
      return Error{Code::kDataLoss, "graph " + graph.name + " is damaged in the journal: apply it again"};
    }
    out.set_applied_ms(graph.applied_ms);
    out.set_current(graph.current);
    return writer_.Write(item);
  }

  Status WriteGraphEvents() {
    TRY_ASSIGN(const std::vector<std::string> events, journal_.ReadGraphEvents());
    for (const std::string& event : events) {
      v1::ExportItem item;
      TRY_ASSIGN(*item.mutable_graph_event(), ParseGraphEvent(event));
      TRY(writer_.Write(item));
    }
    return {};
  }

  Status WriteTask(const std::string& id) {
    TRY_ASSIGN(const TaskRow row, Find(id));
    v1::ExportItem item;
    v1::ExportTask& out = *item.mutable_task();
    out.set_task_id(row.task.uuid);
    out.set_request_id(row.task.request_id);
    out.set_request_digest(row.task.request_digest);
    out.set_graph(row.task.graph);
    out.set_graph_version(row.task.version);
    out.set_accepted_ms(row.task.accepted_ms);
    for (const auto& [key, value] : row.task.labels) (*out.mutable_labels())[key] = value;
    out.set_state(EncodeStatus(row.status));
    out.set_ended_ms(row.ended_ms);
    TRY(writer_.Write(item));
    int64_t last = 0;
    while (true) {
      TRY_ASSIGN(const std::vector<RecordRow> records, journal_.ReadRecords(row.key, last, 256, 4u << 20));
      if (records.empty()) break;
      for (const RecordRow& record : records) {
        if (record.sequence != ++last) {
          return Error{Code::kDataLoss,
                       "record " + std::to_string(last) + " of task " + id + " is missing: run 'troupe journal check'"};
        }
        TRY(WriteRecord(record.bytes));
      }
    }
    return {};
  }

  Status WriteRecord(const std::string& bytes) {
    TRY_ASSIGN(const std::vector<std::string> names, PayloadNamesIn(bytes));
    for (const std::string& name : names) {
      if (!written_.insert(name).second) continue;
      v1::ExportItem item;
      item.mutable_payload()->set_sha256(name);
      TRY_ASSIGN(*item.mutable_payload()->mutable_json(), journal_.ReadBlob(name));
      TRY(writer_.Write(item));
      ++counts_.payloads;
    }
    v1::ExportItem item;
    item.set_record(bytes);
    ++counts_.records;
    return writer_.Write(item);
  }

  Journal& journal_;
  ExportWriter& writer_;
  ExportCounts counts_;
  std::unordered_set<std::string> written_;
};

}  // namespace

Result<ExportCounts> Export(Journal& journal, const std::filesystem::path& file, const ExportOptions& options) {
  std::vector<std::string> tasks = options.tasks;
  if (tasks.empty()) {
    TRY_ASSIGN(tasks, AllTasks(journal));
  } else {
    std::set<std::string> seen;
    std::erase_if(tasks, [&](const std::string& id) { return !seen.insert(id).second; });
  }
  TRY_ASSIGN(ExportWriter writer, ExportWriter::Open(file));
  return Exporter(journal, writer).Run(tasks, options);
}

}  // namespace troupe::journal
