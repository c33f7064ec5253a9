// Power cuts at random moments: what was told to be durable is there afterwards, records are there in the order of
// appending without gaps, the database is whole, and work goes on. TROUPE_SEED chooses the first seed, TROUPE_CUTS the
// number of cuts.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "router/journal/sqlite_journal.h"
#include "runtime/base/digest.h"
#include "runtime/base/id.h"
#include "tests/unit/journal/fake_disk.h"
#include "troupe/v1/journal.pb.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxGroups = 40;

int FromEnvironment(const char* name, int otherwise) {
  const char* value = getenv(name);
  return value == nullptr ? otherwise : atoi(value);
}

// Where everything that happens comes together: what was told, and that the power has gone.
class Events {
 public:
  void OnTold(size_t index) {
    const std::lock_guard lock(mutex_);
    told_.insert(index);
    changed_.notify_all();
  }
  void OnCut() {
    const std::lock_guard lock(mutex_);
    cut_ = true;
    changed_.notify_all();
  }
  // Until entry `index` is told or the power is gone.
  void Wait(size_t index) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return cut_ || told_.contains(index); }));
  }
  bool cut() {
    const std::lock_guard lock(mutex_);
    return cut_;
  }
  // How many of the first entries must be there: all up to the last that was told.
  size_t Promised() {
    const std::lock_guard lock(mutex_);
    return told_.empty() ? 0 : *told_.rbegin() + 1;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<size_t> told_;
  bool cut_ = false;
};

class Ear final : public Waiter {
 public:
  Ear(std::shared_ptr<Events> events, size_t index) : events_(std::move(events)), index_(index) {}
  void OnDurable(int64_t) override { events_->OnTold(index_); }

 private:
  const std::shared_ptr<Events> events_;
  const size_t index_;
};

// One disk and the journal on it, from life to life.
class World {
 public:
  enum class Mistake { kNone, kSyncsLeftOut, kToldTooEarly };

  World(uint64_t seed, Mistake mistake)
      : random_(seed),
        mistake_(mistake),
        disk_(seed),
        folder_(fs::temp_directory_path() / ("troupe-cut-" + NewUuid7())) {
    if (mistake == Mistake::kSyncsLeftOut) disk_.IgnoreSyncs();
  }
  ~World() {
    journal_.reset();
    fs::remove_all(folder_);
  }

  // Opens, works until the power goes or enough is done, closes, and looks at what is left.
  void Live() {
    auto events = std::make_shared<Events>();
    const bool early = Pick(0, 3) == 0;
    const int64_t cut_at = early ? Pick(1, 20) : Pick(1, 300);
    if (early) disk_.CutPowerAt(cut_at, [events] { events->OnCut(); });
    if (Open()) {
      if (!early) disk_.CutPowerAt(cut_at, [events] { events->OnCut(); });
      for (int group = 0; group < kMaxGroups && !events->cut(); ++group) AppendGroup(events);
    }
    const bool cut = disk_.off();
    journal_.reset();
    cuts_ += cut || disk_.off() ? 1 : 0;
    disk_.PowerOn();
    promised_ = std::max(promised_, events->Promised());
    if (complaint_.empty() && !Open()) Complain("the journal does not open: " + open_error_);
    if (complaint_.empty()) Check();
    journal_.reset();
  }

  int cuts() const { return cuts_; }
  const std::string& complaint() const { return complaint_; }

 private:
  struct Written {
    TaskKey task = 0;
    int64_t sequence = 0;
    std::string bytes;
    std::string sha256;
    bool ends = false;
  };

  int Pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  void Complain(const std::string& what) {
    if (complaint_.empty()) complaint_ = what;
  }

  bool Open() {
    auto opened = OpenSqlite(folder_, {.retry_ms = 1, .linger_ms = 60'000, .vfs = disk_.vfs()});
    if (opened) journal_ = std::move(*opened);
    open_error_ = opened ? "" : opened.error().message;
    return opened.has_value();
  }

  // Some records of some tasks, written together.
  void AppendGroup(const std::shared_ptr<Events>& events) {
    if (Pick(0, 19) == 0) {
      const std::string version = std::to_string(Pick(0, 1'000'000));
      if (journal_->SaveGraph({.name = "g", .version = version, .source = version})) graphs_.insert(version);
      if (events->cut()) return;
    }
    const int count = Pick(1, 12);
    for (int i = 0; i < count; ++i) Append(events, i == count - 1);
    events->Wait(written_.size() - 1);
  }

  void Append(const std::shared_ptr<Events>& events, bool urgent) {
    const bool is_new = running_.empty() || Pick(0, 3) == 0;
    if (is_new) running_.emplace(++last_key_, 0);
    auto task = std::next(running_.begin(), is_new ? static_cast<ptrdiff_t>(running_.size()) - 1
                                                   : Pick(0, static_cast<int>(running_.size()) - 1));
    Written record{.task = task->first, .sequence = ++task->second};
    record.ends = !is_new && Pick(0, 3) == 0;
    v1::Record message;
    message.set_task_id(std::to_string(record.task));
    message.set_sequence(record.sequence);
    message.set_time_ms(Pick(0, 1'000'000'000));
    Entry entry{.task = record.task, .sequence = record.sequence};
    if (Pick(0, 4) == 0) {
      std::string json(static_cast<size_t>(Pick(5000, 20'000)), static_cast<char>('a' + Pick(0, 3)));
      record.sha256 = Sha256Hex(json);
      message.mutable_event()->mutable_step_done()->mutable_output()->set_sha256(record.sha256);
      entry.blobs.push_back({record.sha256, std::move(json)});
    }
    message.SerializeToString(&record.bytes);
    entry.bytes = record.bytes;
    if (is_new) {
      entry.accepted = NewTask{.uuid = "task-" + std::to_string(record.task), .graph = "g", .version = "v"};
    }
    if (record.ends) {
      entry.ended = EndedTask{core::TaskStatus::kDone, 1};
      running_.erase(task);
    }
    entry.urgent = urgent;
    entry.durability = mistake_ == Mistake::kToldTooEarly ? Durability::kRelaxed : Durability::kFull;
    entry.waiter = std::make_shared<Ear>(events, written_.size());
    written_.push_back(std::move(record));
    journal_->Append(std::move(entry));
  }

  // What is there must be the first so many that were appended, at least those promised.
  void Check() {
    std::map<TaskKey, std::vector<RecordRow>> found;
    size_t total = 0;
    for (const Written& record : written_) {
      if (found.contains(record.task)) continue;
      const auto rows = journal_->ReadRecords(record.task, 0, 100'000, 1 << 30);
      if (!rows) return Complain("records cannot be read: " + rows.error().message);
      total += rows->size();
      found[record.task] = *rows;
    }
    if (total < promised_) {
      return Complain("of " + std::to_string(promised_) + " records promised, " + std::to_string(total) + " are there");
    }
    std::map<TaskKey, bool> ended;
    std::map<TaskKey, size_t> counts;
    for (size_t i = 0; i < total; ++i) {
      const Written& record = written_[i];
      const size_t place = counts[record.task]++;
      const std::string which = "record " + std::to_string(record.sequence) + " of task " + std::to_string(record.task);
      if (place >= found[record.task].size()) return Complain(which + " is gone and a later one is not");
      const RecordRow& row = found[record.task][place];
      if (row.sequence != record.sequence) return Complain("a gap before " + which);
      if (row.bytes != record.bytes) return Complain(which + " has changed");
      if (!record.sha256.empty()) {
        const auto payload = journal_->ReadBlob(record.sha256);
        if (!payload || Sha256Hex(*payload) != record.sha256) return Complain("the payload of " + which + " is gone");
      }
      ended[record.task] = record.ends;
    }
    CheckTasks(ended);
    CheckDatabase();
    // What was never promised and is gone was never there: tasks go on from what is on disk.
    written_.resize(total);
    running_.clear();
    last_key_ = ended.empty() ? 0 : ended.rbegin()->first;
    for (const auto& [task, over] : ended) {
      if (!over) running_[task] = static_cast<int64_t>(counts[task]);
    }
  }

  void CheckTasks(const std::map<TaskKey, bool>& ended) {
    for (const auto& [key, over] : ended) {
      const auto row = journal_->FindTask("task-" + std::to_string(key));
      if (!row || !*row) return Complain("task " + std::to_string(key) + " has records and is not there");
      if (((*row)->status != core::TaskStatus::kRunning) != over) {
        return Complain("task " + std::to_string(key) + " has another state than its records");
      }
    }
    const auto graphs = journal_->ReadGraphs();
    if (!graphs) return Complain("graphs cannot be read: " + graphs.error().message);
    std::set<std::string> there;
    for (const GraphRow& row : *graphs) there.insert(row.version);
    for (const std::string& version : graphs_) {
      if (!there.contains(version)) return Complain("graph version " + version + " is gone");
    }
  }

  void CheckDatabase() {
    sqlite3* raw = nullptr;
    const std::string path = (folder_ / "journal.db").string();
    sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, disk_.vfs().c_str());
    std::string said;
    sqlite3_exec(
        raw, "PRAGMA integrity_check",
        [](void* out, int, char** values, char**) {
          *static_cast<std::string*>(out) += values[0];
          return 0;
        },
        &said, nullptr);
    if (said != "ok") Complain("the database is damaged: " + said);
    sqlite3_close(raw);
  }

  std::mt19937_64 random_;
  const Mistake mistake_;
  FakeDisk disk_;
  const fs::path folder_;
  std::unique_ptr<Journal> journal_;
  std::string open_error_;
  // In the order of appending.
  std::vector<Written> written_;
  size_t promised_ = 0;
  std::set<std::string> graphs_;
  // Each running task's last sequence.
  std::map<TaskKey, int64_t> running_;
  TaskKey last_key_ = 0;
  int cuts_ = 0;
  std::string complaint_;
};

// Worlds of six lives each, until there were so many cuts or a complaint. The complaint names its seed.
struct Outcome {
  int cuts = 0;
  std::string complaint;
};
Outcome CutPower(int cuts, World::Mistake mistake) {
  Outcome outcome;
  for (int seed = FromEnvironment("TROUPE_SEED", 1); outcome.cuts < cuts; ++seed) {
    World world(static_cast<uint64_t>(seed), mistake);
    for (int life = 0; life < 6 && world.complaint().empty(); ++life) world.Live();
    outcome.cuts += world.cuts();
    if (world.complaint().empty()) continue;
    outcome.complaint = "seed " + std::to_string(seed) + ": " + world.complaint();
    break;
  }
  return outcome;
}

TEST(PowerCut, LosesNothingThatWasPromised) {
  // given journals on disks that lose power at random moments
  const int cuts = FromEnvironment("TROUPE_CUTS", 200);
  // when that has happened many times
  const Outcome outcome = CutPower(cuts, World::Mistake::kNone);
  // then nobody was ever told something that was not so
  EXPECT_EQ(outcome.complaint, "");
  EXPECT_GE(outcome.cuts, cuts);
  RecordProperty("cuts", outcome.cuts);
  std::printf("%d power cuts\n", outcome.cuts);
}

TEST(PowerCut, FindsSyncsThatAreLeftOut) { EXPECT_NE(CutPower(200, World::Mistake::kSyncsLeftOut).complaint, ""); }

TEST(PowerCut, FindsTellingBeforeTheDisk) { EXPECT_NE(CutPower(200, World::Mistake::kToldTooEarly).complaint, ""); }

}  // namespace
}  // namespace troupe::journal
