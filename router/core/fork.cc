#include "router/core/fork.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "router/core/place.h"

namespace troupe::core {
namespace {

// The step or round that a decision starts; empty for none. A step that holds steps starts with its first round.
std::string Started(const Decision& decision) {
  if (const auto* start = std::get_if<StartStep>(&decision)) return start->path;
  if (const auto* ask = std::get_if<AskPerson>(&decision)) return ask->path;
  if (const auto* inner = std::get_if<OpenGraph>(&decision)) return inner->path;
  if (const auto* open = std::get_if<OpenScope>(&decision)) return RoundPath(open->path, open->index);
  return "";
}

// The step that a decision ends; empty for none.
std::string Ended(const Decision& decision) {
  if (const auto* complete = std::get_if<CompleteStep>(&decision)) return complete->path;
  if (const auto* fail = std::get_if<FailStep>(&decision)) return fail->path;
  return "";
}

// Looks at a task's decisions in order, and says of each what begins by it.
class Beginnings {
 public:
  // Paths, none or a few.
  std::vector<std::string> Of(const Decision& decision) {
    std::vector<std::string> out;
    if (const auto* open = std::get_if<OpenScope>(&decision)) Add(open->path, out);
    Add(Started(decision), out);
    // what the core does itself (lists, windows, an each over nothing) begins and ends at once
    Add(Ended(decision), out);
    return out;
  }

 private:
  void Add(std::string path, std::vector<std::string>& out) {
    if (!path.empty() && begun_.insert(path).second) out.push_back(std::move(path));
  }
  std::set<std::string> begun_;
};

void Shift(Event& event, int64_t by_ms, const std::string& request_id) {
  auto* accepted = std::get_if<Accepted>(&event);
  if (accepted == nullptr) return;
  accepted->request_id = request_id;
  if (accepted->deadline_ms != 0) accepted->deadline_ms += by_ms;
}

void Shift(Record& record, int64_t by_ms, const std::string& request_id) {
  record.time_ms += by_ms;
  Shift(record.event, by_ms, request_id);
  for (Decision& decision : record.decisions) {
    UnixMs* moment = nullptr;
    if (auto* start = std::get_if<StartStep>(&decision)) moment = &start->not_before_ms;
    if (auto* ask = std::get_if<AskPerson>(&decision)) moment = &ask->expires_ms;
    if (auto* move = std::get_if<MoveDeadline>(&decision)) moment = &move->deadline_ms;
    if (moment != nullptr && *moment != 0) *moment += by_ms;
  }
}

bool WasSkipped(std::span<const Record> records, std::string_view path) {
  for (const Record& record : records) {
    for (const Decision& decision : record.decisions) {
      const auto* skip = std::get_if<SkipStep>(&decision);
      if (skip != nullptr && skip->path == path) return true;
    }
  }
  return false;
}

}  // namespace

Result<Fork> ForkBefore(std::span<const Record> records, std::string_view path, UnixMs now_ms,
                        const std::string& request_id) {
  if (records.empty() || !std::holds_alternative<Accepted>(records.front().event)) {
    return Error{Code::kDataLoss, "the records do not begin with the task's acceptance"};
  }
  Beginnings beginnings;
  for (size_t i = 0; i < records.size(); ++i) {
    if (records[i].sequence != static_cast<int64_t>(i) + 1) {
      return Error{Code::kDataLoss, "record " + std::to_string(i + 1) + " of the task is missing"};
    }
    for (const Decision& decision : records[i].decisions) {
      const std::vector<std::string> begun = beginnings.Of(decision);
      if (std::find(begun.begin(), begun.end(), path) == begun.end()) continue;
      Fork fork{.before = {records.begin(), records.begin() + static_cast<std::ptrdiff_t>(i)},
                .event = records[i].event};
      const int64_t by_ms = now_ms - records[i].time_ms;
      for (Record& record : fork.before) Shift(record, by_ms, request_id);
      Shift(fork.event, by_ms, request_id);
      return fork;
    }
  }
  if (WasSkipped(records, path)) {
    return FailedPrecondition("step '" + std::string(path) + "' was left out, its 'when' was false: it never started");
  }
  return NotFound("the task never started a step '" + std::string(path) + "'");
}

std::set<std::string> ForkPoints(std::span<const Record> records) {
  std::set<std::string> points;
  Beginnings beginnings;
  for (const Record& record : records) {
    for (const Decision& decision : record.decisions) {
      for (std::string& begun : beginnings.Of(decision)) points.insert(std::move(begun));
    }
  }
  return points;
}

}  // namespace troupe::core
