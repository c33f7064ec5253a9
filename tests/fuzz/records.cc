// Records of a journal: one damaged record on top of a task's first right ones. The first byte of an input says of
// which task and how many; the rest is the record.
#include <google/protobuf/stubs/logging.h>

#include "router/core/core.h"
#include "router/journal/codec.h"
#include "tests/fuzz/mutate_message.h"
#include "tests/fuzz/target.h"
#include "tests/unit/journal/golden/story.h"

namespace troupe::fuzz {
namespace {

struct Start {
  const journal::Story::Task* task = nullptr;
  size_t records = 0;
};

const std::vector<Start>& Starts() {
  static const journal::Story story = journal::TellStory();
  static const std::vector<Start> starts = [] {
    std::vector<Start> all;
    for (const auto& task : story.tasks) {
      for (size_t i = 0; i < task.records.size() && all.size() < 256; ++i) all.push_back({&task, i});
    }
    return all;
  }();
  return starts;
}

std::vector<std::string> Seeds() {
  // it would tell of every text that is no UTF-8
  google::protobuf::SetLogHandler(nullptr);
  std::vector<std::string> seeds;
  for (size_t i = 0; i < Starts().size(); ++i) {
    v1::Record record;
    journal::Encode(Starts()[i].task->records[Starts()[i].records], "task", nullptr, record);
    seeds.push_back(static_cast<char>(i) + record.SerializeAsString());
  }
  return seeds;
}

std::vector<std::string> Words() {
  return {"greet",
          "handle",
          "handle[0]",
          "handle[0].read",
          "polish[1].draft",
          "polish[0].check",
          "reader",
          "judge",
          "golden",
          "{}",
          "[]",
          "null",
          "\"text\"",
          "{\"text\":\"x\"}",
          "handle[99999999999]",
          "handle[",
          "a.ask[1]",
          "polish[0].draft.ask[1]",
          ""};
}

void Change(std::string& input, Random& random) {
  v1::Record record;
  if (input.empty() || !record.ParseFromString(input.substr(1))) return;
  static const std::vector<std::string> words = Words();
  MutateMessage(record, words, random);
  input.resize(1);
  input += record.SerializePartialAsString();
}

Result<std::string> NoBlob(const std::string& sha256) { return NotFound("no payload " + sha256); }

std::optional<std::string> Take(const std::string& input) {
  v1::Record message;
  if (input.empty() || !message.ParseFromString(input.substr(1))) return std::nullopt;
  const auto record = journal::Decode(message, NoBlob);
  if (!record) {
    return record.error().message.empty() ? std::optional<std::string>("refused without a reason") : std::nullopt;
  }
  v1::Record again;
  journal::Encode(*record, message.task_id(), nullptr, again);
  const auto same = journal::Decode(again, NoBlob);
  if (!same || !(*same == *record)) return "a record that was read is written as another one";
  const Start& start = Starts()[static_cast<uint8_t>(input[0]) % Starts().size()];
  core::TaskState state;
  for (size_t i = 0; i < start.records; ++i) {
    if (!core::Fold(state, start.task->records[i])) return "a right record cannot be folded";
  }
  const Status folded = core::Fold(state, *record);
  if (!folded && folded.error().code != Code::kDataLoss) return "a broken record gives " + ToString(folded.error());
  if (folded) (void)core::PendingWork(state);
  return std::nullopt;
}

}  // namespace

const Target kRecordsTarget = {.name = "records",
                               .what = "journal records: decode, encode, fold",
                               .seeds = Seeds,
                               .words = Words,
                               .change = Change,
                               .take = Take};

}  // namespace troupe::fuzz
