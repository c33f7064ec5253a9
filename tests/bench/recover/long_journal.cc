#include "tests/bench/recover/long_journal.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "router/core/core.h"
#include "router/graph/parse.h"
#include "router/journal/codec.h"
#include "router/journal/sqlite_journal.h"
#include "runtime/base/id.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::bench {
namespace {

// One task's records as the core decides them, to be written again and again under other ids.
std::vector<v1::Record> Records(const graph::Graph& graph, const std::string& text, size_t at_most) {
  core::TaskState state;
  std::vector<v1::Record> out;
  UnixMs now_ms = SystemClock().NowMs();
  const auto take = [&](core::Event event) {
    const auto record = core::Decide(graph, state, std::move(event), ++now_ms);
    if (record) journal::Encode(*record, "", nullptr, out.emplace_back());
  };
  take(core::Accepted{.graph = graph.name, .version = graph.version, .input = {{"text", text}}});
  while (out.size() < at_most && !core::PendingWork(state).empty()) {
    const core::Pending next = core::PendingWork(state).front();
    take(core::StepDone{.path = next.path,
                        .attempt = next.attempt->attempt,
                        .output = next.attempt->input,
                        .site = {.agent = next.attempt->agent, .replica = next.attempt->agent + "-0"}});
  }
  return out;
}

class Flushed final : public journal::Waiter {
 public:
  void OnDurable(int64_t) override {
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

}  // namespace

Status WriteLongJournal(const std::filesystem::path& folder, const std::filesystem::path& graph_file,
                        const LongJournal& size) {
  graph::Parsed parsed = graph::LoadGraph(graph_file);
  if (!parsed.graph) return Invalid(graph::ToString(parsed.findings));
  TRY_ASSIGN(const std::unique_ptr<journal::Journal> journal, journal::OpenSqlite(folder));
  v1::GraphSource source;
  source.set_yaml(parsed.source.yaml);
  source.set_file_name(parsed.source.file_name);
  for (const auto& [path, content] : parsed.source.files) (*source.mutable_files())[path] = content;
  TRY(journal->SaveGraph({.name = parsed.graph->name,
                          .version = parsed.graph->version.value,
                          .source = source.SerializeAsString(),
                          .applied_ms = SystemClock().NowMs(),
                          .current = true}));
  std::vector<v1::Record> whole = Records(*parsed.graph, size.text, 1000);
  std::vector<v1::Record> begun = Records(*parsed.graph, size.text, 2);
  const int64_t all = size.finished + size.running;
  int64_t running = 0;
  for (int64_t key = 1; key <= all; ++key) {
    const bool runs = running < key * size.running / all;
    running += runs ? 1 : 0;
    const std::string uuid = NewUuid7();
    std::vector<v1::Record>& records = runs ? begun : whole;
    constexpr int64_t kAtOnce = 2'000;
    const auto flushed = key % kAtOnce == 0 || key == all ? std::make_shared<Flushed>() : nullptr;
    for (v1::Record& record : records) {
      record.set_task_id(uuid);
      journal::Entry entry{.task = key, .sequence = record.sequence(), .bytes = record.SerializeAsString()};
      const bool last = record.sequence() == static_cast<int64_t>(records.size());
      entry.urgent = false;
      if (record.sequence() == 1) {
        entry.accepted = journal::NewTask{.uuid = uuid,
                                          .graph = parsed.graph->name,
                                          .version = parsed.graph->version.value,
                                          .accepted_ms = SystemClock().NowMs()};
      }
      if (last && !runs) entry.ended = journal::EndedTask{core::TaskStatus::kDone, SystemClock().NowMs()};
      if (last) entry.waiter = flushed;
      journal->Append(std::move(entry));
    }
    if (flushed) {
      journal->Hurry();
      flushed->Wait();
    }
  }
  return journal->Close();
}

}  // namespace troupe::bench
