#include "tests/fault/witness.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <chrono>

#include "runtime/base/value.h"

namespace troupe::fault {
namespace {

// The same record gives the same bytes, maps included.
std::string Bytes(const v1::Record& record) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  record.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

void Witness::Follow(cli::Client& client, const std::function<bool()>& give_up) {
  while (!saw_end_ && !give_up()) {
    v1::WatchRequest request;
    request.set_task_id(task_id_);
    request.set_after_sequence(last_sequence_);
    request.set_detail(v1::DETAIL_TEXT);
    const auto stream = client.Watch(request);
    v1::Record record;
    for (auto state = cli::StreamState::kQuiet; state != cli::StreamState::kEnded && !saw_end_ && !give_up();) {
      state = stream->Poll(std::chrono::milliseconds(50), record);
      if (state == cli::StreamState::kRecord) Take(record);
    }
    if (saw_end_) break;
    ++breaks_;
    // also keeps the loop from filling a core while the router is away
    client.WaitForConnection(std::chrono::seconds(1));
  }
}

void Witness::Take(const v1::Record& record) {
  if (record.sequence() != last_sequence_ + 1) {
    complaints_.push_back("record " + std::to_string(record.sequence()) + " came after record " +
                          std::to_string(last_sequence_));
  }
  if (saw_end_) complaints_.push_back("record " + std::to_string(record.sequence()) + " came after the end");
  last_sequence_ = record.sequence();
  records_.push_back(Bytes(record));
  if (seen_ != nullptr) ++*seen_;
  if (record.event().has_step_progress()) {
    const auto& progress = record.event().step_progress();
    streamed_[{progress.path(), progress.attempt()}] += progress.text();
  }
  if (record.event().has_step_done()) {
    const auto& done = record.event().step_done();
    if (!done_.insert(done.path()).second) ++steps_twice_;
    CheckText(done);
  }
  for (const v1::Decision& decision : record.decisions()) {
    if (decision.has_complete_step() && !completed_.insert(decision.complete_step().path()).second) ++steps_twice_;
    if (decision.has_finish_task() || decision.has_fail_task()) saw_end_ = true;
    if (decision.has_finish_task()) ended_well_ = true;
  }
}

// What was streamed must be the beginning of what came out: nothing said twice, nothing said and taken back.
void Witness::CheckText(const v1::StepDone& done) {
  const auto output = ParseValue(done.output().json());
  const std::string text = output && output->is_object() ? output->value("text", "") : "";
  const std::string& streamed = streamed_[{done.path(), done.attempt()}];
  if (!text.starts_with(streamed)) {
    complaints_.push_back(done.path() + " streamed '" + streamed + "' and ended as '" + text + "'");
  }
}

}  // namespace troupe::fault
