#include "router/learn/rounds_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "runtime/base/read_file.h"
#include "runtime/base/value.h"

namespace troupe::learn {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRounds = "rounds.jsonl";
constexpr const char* kLock = "loop.lock";
constexpr const char* kStop = "stop";
// Far beyond what a loop writes in years.
constexpr size_t kMaxBytes = 64u << 20;
constexpr std::array<const char*, 3> kHows{"promoted", "rolled back", "replaced"};

Value ToJson(const Begun& event) {
  return {{"event", "begun"}, {"last_lesson", event.last_lesson}, {"lessons", event.lessons}};
}
Value ToJson(const Refused& event) { return {{"event", "refused"}, {"why", event.why}}; }
Value ToJson(const Learnt& event) { return {{"event", "learnt"}, {"model", event.model}, {"below", event.below}}; }
Value ToJson(const Offered& event) { return {{"event", "offered"}, {"version", event.version}}; }
Value ToJson(const Ended& event) {
  return {{"event", "ended"}, {"how", kHows[static_cast<size_t>(event.how)]}, {"why", event.why}};
}
Value ToJson(const Reverted& event) { return {{"event", "reverted"}, {"why", event.why}}; }

Error Damaged(const std::string& line) {
  return {Code::kDataLoss, "a line of the loop's history is damaged: " + line.substr(0, 200)};
}

Error Refusal(const fs::path& path) {
  return FailedPrecondition("cannot write " + path.string() + ": " + std::strerror(errno));
}

// Folds the whole lines of a text; gives how much of it they are.
Result<size_t> FoldLines(const std::string& text, LoopState& state) {
  size_t at = 0;
  while (true) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) return at;
    const std::string line = text.substr(at, end - at);
    TRY_ASSIGN(const Event event, ParseLine(line));
    if (!Fold(state, event)) return Damaged(line);
    at = end + 1;
  }
}

// Of which nothing is lost unnoticed: what cannot be read is an error. Empty where there is none.
Result<std::string> ReadHistory(const fs::path& path) {
  Result<std::string> text = ReadFile(path, kMaxBytes);
  std::error_code failed;
  if (!text && !fs::exists(path, failed) && !failed) return std::string();
  if (!text) return Error{text.error().code, path.string() + ": " + text.error().message};
  return text;
}

// A file that is new is durable once its folder is.
Status SyncFolder(const fs::path& folder) {
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return Refusal(folder);
  const bool is_durable = fsync(file) == 0;
  close(file);
  return is_durable ? Status() : Refusal(folder);
}

}  // namespace

std::string ToLine(const Event& event) {
  return std::visit(
      [](const auto& one) {
        Value json = ToJson(one);
        json["round"] = one.round;
        return Dump(json);
      },
      event);
}

Result<Event> ParseLine(const std::string& line) {
  TRY_ASSIGN(const Value json, ParseValue(line));
  if (!json.is_object()) return Damaged(line);
  const auto text = [&json](const char* key) { return json.value(key, std::string()); };
  // types are checked by what value() throws
  try {
    const int round = json.at("round").get<int>();
    const std::string event = text("event");
    if (event == "begun") {
      return Event(Begun{round, json.at("last_lesson").get<int64_t>(), json.at("lessons").get<int64_t>()});
    }
    if (event == "refused") return Event(Refused{round, text("why")});
    if (event == "learnt") return Event(Learnt{round, text("model"), json.at("below").get<double>()});
    if (event == "offered") return Event(Offered{round, text("version")});
    if (event == "reverted") return Event(Reverted{round, text("why")});
    for (size_t i = 0; event == "ended" && i < kHows.size(); ++i) {
      if (text("how") == kHows[i]) return Event(Ended{round, static_cast<Ended::How>(i), text("why")});
    }
  } catch (const std::exception&) {
  }
  return Damaged(line);
}

Result<RoundsFile> RoundsFile::Open(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  const fs::path lock_path = folder / kLock;
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Refusal(lock_path);
  RoundsFile rounds(folder, lock, -1);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return FailedPrecondition("another loop runs in " + folder.string() + ": 'troupe learn stop " + folder.string() +
                              "' ends it");
  }
  fs::remove(folder / kStop, failed);
  const fs::path path = folder / kRounds;
  TRY_ASSIGN(const std::string text, ReadHistory(path));
  TRY_ASSIGN(const size_t whole, FoldLines(text, rounds.state_));
  rounds.file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (rounds.file_ < 0) return Refusal(path);
  // what a crash cut off
  if (whole < text.size() && ftruncate(rounds.file_, static_cast<off_t>(whole)) != 0) return Refusal(path);
  TRY(SyncFolder(folder));
  return rounds;
}

RoundsFile::RoundsFile(RoundsFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_(std::exchange(other.lock_, -1)),
      file_(std::exchange(other.file_, -1)),
      state_(std::move(other.state_)) {}

RoundsFile::~RoundsFile() {
  if (file_ >= 0) close(file_);
  if (lock_ >= 0) close(lock_);
}

Status RoundsFile::Append(const Event& event) {
  LoopState next = state_;
  if (!Fold(next, event)) return Internal("an event of the loop does not follow on what happened: " + ToLine(event));
  const std::string line = ToLine(event) + "\n";
  const ssize_t written = write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size()) || fsync(file_) != 0) return Refusal(folder_ / kRounds);
  state_ = std::move(next);
  return {};
}

bool RoundsFile::TakeStopRequest() {
  std::error_code failed;
  return fs::remove(folder_ / kStop, failed);
}

Result<LoopState> ReadRounds(const fs::path& folder) {
  if (std::error_code failed; !fs::exists(folder / kRounds, failed)) {
    return NotFound("no loop has run in " + folder.string() + ": name the 'folder' of a LearnLoop");
  }
  LoopState state;
  TRY_ASSIGN(const std::string text, ReadHistory(folder / kRounds));
  TRY(FoldLines(text, state));
  return state;
}

bool IsLooping(const fs::path& folder) {
  const int lock = open((folder / kLock).c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return false;
  const bool is_free = flock(lock, LOCK_EX | LOCK_NB) == 0;
  close(lock);
  return !is_free;
}

Status RequestStop(const fs::path& folder) {
  if (!IsLooping(folder)) return FailedPrecondition("no loop runs in " + folder.string());
  std::ofstream file(folder / kStop);
  return file ? Status() : Refusal(folder / kStop);
}

}  // namespace troupe::learn
