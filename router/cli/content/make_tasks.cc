#include "router/cli/content/make_tasks.h"

#include <algorithm>
#include <utility>

#include "router/content/prose.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"

namespace troupe::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeastPause{200};
// How long the router may be away: a new one is up by then, or somebody should know.
constexpr milliseconds kPatience{60'000};

content::Answer AnswerOf(const client::Outcome& outcome, const v1::Task& task) {
  content::Answer answer{.writer = task.graph() + "@" + ShortDigest(task.graph_version())};
  if (!outcome.status) {
    const std::string where = outcome.failed_path.empty() ? "" : " at " + outcome.failed_path;
    answer.fault = "its task failed" + where + ": " + outcome.status.error().message;
    return answer;
  }
  const auto output = ParseValue(outcome.output_json);
  auto prose = output ? content::ProseIn(*output) : Result<std::string>(output.error());
  if (prose) {
    answer.prose = std::move(*prose);
  } else {
    answer.fault = prose.error().message;
  }
  return answer;
}

}  // namespace

void MakeTasks::Ask(const content::Wish& wish, const content::Question& question) {
  v1::SubmitRequest request;
  request.set_graph(graph_);
  request.set_input_json(Dump(question.input));
  request.set_request_id(question.request_id);
  // live work goes first
  request.set_priority(0);
  (*request.mutable_labels())["content-set"] = set_;
  client::TaskStreamSpec spec{"", 0, v1::DETAIL_RESULT, std::move(request), kPatience, client::AtFirst::kMayBeAway};
  tasks_.push_back({wish, client_.Follow(std::move(spec))});
}

Status MakeTasks::Poll(milliseconds wait, std::vector<MadeAnswer>& ended, std::vector<Refused>& refused) {
  if (tasks_.empty()) return {};
  const milliseconds each = std::max(milliseconds(1), wait / static_cast<int64_t>(tasks_.size()));
  for (size_t left = tasks_.size(); left > 0; --left) {
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    v1::Record record;
    StreamState state = task.stream->Poll(each, record);
    // the record that ends a task is followed by the end of the stream
    if (state == StreamState::kRecord) state = task.stream->Poll(milliseconds(0), record);
    if (state == StreamState::kEnded) {
      TRY(End(task, ended, refused));
    } else {
      tasks_.push_back(std::move(task));
    }
  }
  return {};
}

Status MakeTasks::End(const Task& task, std::vector<MadeAnswer>& ended, std::vector<Refused>& refused) {
  if (const Status& end = task.stream->End(); !end) {
    if (end.error().code == Code::kResourceExhausted) {
      refused.push_back({task.wish, std::max(kLeastPause, milliseconds(end.error().retry_after_ms))});
      return {};
    }
    return client_.Explain(end.error());
  }
  const client::Outcome& outcome = task.stream->outcome();
  const auto got = client_.Get(outcome.task_id);
  if (!got && got.error().code == Code::kUnavailable) {
    // asked again, the router says what it has
    refused.push_back({task.wish, kLeastPause});
    return {};
  }
  if (!got) return got.error();
  const v1::Task& row = got->task();
  ended.push_back({task.wish,
                   AnswerOf(outcome, row),
                   {row.usage().generated_tokens(), row.usage().device_us(), row.money_micros()}});
  return {};
}

}  // namespace troupe::cli
