#include "router/stores/sqlite_store.h"

#include <limits>
#include <utility>

#include "router/cache/freshness.h"
#include "router/stores/codec.h"

namespace troupe::stores {
namespace {

constexpr size_t kBytesOfAsking = 200;

// From when on FreshnessOf says that it is dead; 0 for never.
UnixMs DeadFrom(const cache::Entry& entry) {
  if (entry.ttl_ms <= 0) return 0;
  UnixMs dead_ms = 0;
  const bool is_far = __builtin_add_overflow(entry.made_at_ms, entry.ttl_ms, &dead_ms) ||
                      __builtin_add_overflow(dead_ms, entry.stale_ms, &dead_ms);
  return is_far ? 0 : dead_ms;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const SqliteFileOptions& options, const Clock& clock, Log log) {
  Result<SqliteFile> file = SqliteFile::Open(options);
  if (!file && file.error().code == Code::kDataLoss) {
    if (log) log("kept answers begin anew: " + file.error().message);
    TRY(SqliteFile::MoveAway(options.path));
    file = SqliteFile::Open(options);
  }
  if (!file) return file.error();
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*file), options, clock, std::move(log)));
}

SqliteStore::SqliteStore(SqliteFile file, const SqliteFileOptions& options, const Clock& clock, Log log)
    : options_(options),
      clock_(clock),
      log_(std::move(log)),
      file_(std::move(file)),
      thread_({}, [this](std::vector<Job> batch) { Work(std::move(batch)); }) {}

SqliteStore::~SqliteStore() { Stop(); }

template <typename T>
void SqliteStore::Ask(std::function<Result<T>()> work, std::function<void(Result<T>)> done) {
  Job job{.ask = [this, work = std::move(work), done] {
    Result<T> result = whole_ ? work() : Result<T>(whole_.error());
    if (!result) Note(result.error());
    done(std::move(result));
  }};
  if (!thread_.Add(job, kBytesOfAsking)) done(Exhausted(name() + " has too much to do, or is closed"));
}

void SqliteStore::Work(std::vector<Job> batch) {
  // who asks waits
  std::vector<const SqliteFile::Row*> rows;
  for (Job& job : batch) job.ask ? job.ask() : rows.push_back(&job.row);
  if (rows.empty()) return;
  const Result<int64_t> gone = whole_ ? file_.Write(rows, clock_.NowMs()) : Result<int64_t>(whole_.error());
  if (gone) evicted_ += *gone;
  if (const auto bytes = file_.BytesInUse()) bytes_ = *bytes;
  const Status written = gone ? Status() : Status(gone.error());
  Note(written);
  for (Job& job : batch) {
    if (job.written) job.written(written);
  }
}

void SqliteStore::Note(const Status& done) {
  if (done || done.error().code != Code::kDataLoss || !whole_) return;
  whole_ = done;
  // now, because the next start may not come upon the damage before it counts on the file
  const Status moved = SqliteFile::MoveAway(options_.path);
  if (log_) {
    log_("no more answers are kept in " + name() +
         " until the next start, which begins anew: " + (moved ? done : moved).error().message);
  }
}

Result<std::optional<cache::Entry>> SqliteStore::Find(const std::string& key) {
  TRY_ASSIGN(const std::optional<std::string> bytes, file_.Read(key));
  std::optional<cache::Entry> entry;
  if (bytes) {
    entry = Decode(key, *bytes);
    if (entry && cache::FreshnessOf(*entry, clock_.NowMs()) == cache::Freshness::kDead) entry = std::nullopt;
    // nobody can be given it any more
    if (!entry) (void)file_.Remove(key);
  }
  ++(entry ? hits_ : misses_);
  return entry;
}

void SqliteStore::Get(std::string key, cache::OnEntry done) {
  Ask<std::optional<cache::Entry>>([this, key = std::move(key)] { return Find(key); }, std::move(done));
}

void SqliteStore::Put(std::string key, cache::Entry entry, cache::OnDone done) {
  Job job{.row = {.dead_ms = DeadFrom(entry), .is_asked = !entry.vector.empty()}, .written = done};
  job.row.bytes = Encode(key, entry);
  job.row.key = std::move(key);
  const size_t bytes = job.row.bytes.size() + job.row.key.size();
  if (!thread_.Add(job, bytes)) done(Exhausted(name() + " has too much to write, or is closed"));
}

cache::CacheStore::Stats SqliteStore::GetStats() const {
  return {.bytes = static_cast<size_t>(bytes_.load()), .hits = hits_, .misses = misses_, .evicted = evicted_};
}

void SqliteStore::CountPurge(std::string purged, std::function<void(Result<int64_t>)> done) {
  Ask<int64_t>([this, purged = std::move(purged)] { return file_.CountPurge(purged); }, std::move(done));
}

void SqliteStore::SharePurges(cache::PurgeCounts known, std::function<void(Result<cache::PurgeCounts>)> done) {
  Ask<cache::PurgeCounts>([this, known = std::move(known)] { return file_.SharePurges(known); }, std::move(done));
}

Result<cache::BackStore::Questions> SqliteStore::QuestionsBefore(int64_t before, int max) {
  TRY_ASSIGN(std::vector<SqliteFile::Asked> rows,
             file_.ReadAsked(before == 0 ? std::numeric_limits<int64_t>::max() : before, max));
  Questions out;
  if (!rows.empty()) out.before = rows.back().id;
  for (SqliteFile::Asked& row : rows) {
    std::optional<cache::Entry> entry = Decode(row.key, row.bytes);
    if (!entry || cache::FreshnessOf(*entry, clock_.NowMs()) == cache::Freshness::kDead) continue;
    entry->answer.clear();
    out.some.push_back({std::move(row.key), std::move(*entry)});
  }
  return out;
}

void SqliteStore::ReadQuestions(int64_t before, int max, std::function<void(Result<Questions>)> done) {
  Ask<Questions>([this, before, max] { return QuestionsBefore(before, max); }, std::move(done));
}

void SqliteStore::ReadLearned(std::function<void(Result<Learned>)> done) {
  Ask<Learned>(
      [this]() -> Result<Learned> {
        TRY_ASSIGN(const std::vector<SqliteFile::Learned> rows, file_.ReadLearned());
        Learned out;
        for (const SqliteFile::Learned& row : rows) {
          if (auto state = DecodeThreshold(row.bytes)) out[row.step] = std::move(*state);
        }
        return out;
      },
      std::move(done));
}

void SqliteStore::SaveLearned(std::string step, cache::ThresholdState state, cache::OnDone done) {
  Ask<void>([this, step = std::move(step), bytes = Encode(state)] { return file_.SaveLearned(step, bytes); },
            std::move(done));
}

}  // namespace troupe::stores
