// Records for tests, written as a script of what happens to a task.
#pragma once

#include <string>

#include "troupe/v1/journal.pb.h"

namespace troupe::cli {

inline constexpr int64_t kStartMs = 1'700'000'000'000;

// Builds a task's records one after another; each has the next sequence number.
class Script {
 public:
  // Begins a record `at_ms` milliseconds after the task was accepted.
  v1::Record& At(int64_t at_ms) {
    record_.Clear();
    record_.set_task_id("task-1");
    record_.set_sequence(++sequence_);
    record_.set_time_ms(kStartMs + at_ms);
    return record_;
  }

  v1::Record Accepted() {
    At(0).mutable_event()->mutable_accepted()->set_graph("help-desk");
    return record_;
  }

 private:
  v1::Record record_;
  int64_t sequence_ = 0;
};

inline void Start(v1::Record& record, const std::string& path, const std::string& agent, int attempt = 1) {
  auto* start = record.add_decisions()->mutable_start_step();
  start->set_path(path);
  start->set_agent(agent);
  start->set_attempt(attempt);
}

inline void Done(v1::Record& record, const std::string& path, const std::string& replica, int64_t tokens,
                 int attempt = 1) {
  auto* done = record.mutable_event()->mutable_step_done();
  done->set_path(path);
  done->set_attempt(attempt);
  done->mutable_site()->set_replica(replica);
  done->mutable_usage()->set_generated_tokens(tokens);
}

inline void Failed(v1::Record& record, const std::string& path, const std::string& message, int attempt = 1) {
  auto* failed = record.mutable_event()->mutable_step_failed();
  failed->set_path(path);
  failed->set_attempt(attempt);
  failed->set_code(14);
  failed->set_message(message);
  failed->mutable_site()->set_replica("writer-0");
}

inline void Progress(v1::Record& record, const std::string& path, const std::string& text, int64_t tokens) {
  auto* progress = record.mutable_event()->mutable_step_progress();
  progress->set_path(path);
  progress->set_attempt(1);
  progress->set_text(text);
  progress->set_generated_tokens(tokens);
}

inline void Open(v1::Record& record, const std::string& path, int index, int count, const std::string& item_json) {
  auto* open = record.add_decisions()->mutable_open_scope();
  open->set_path(path);
  open->set_index(index);
  open->set_count(count);
  open->mutable_item()->set_json(item_json);
}

inline void Ask(v1::Record& record, const std::string& path, const std::string& ask) {
  auto* decision = record.add_decisions()->mutable_ask_person();
  decision->set_path(path);
  decision->set_ask(ask);
}

inline void AskTeacher(v1::Record& record, const std::string& path, const std::string& refused = "") {
  auto* ask = record.add_decisions()->mutable_ask_teacher();
  ask->set_path(path);
  ask->set_attempt(1);
  ask->set_teacher("expert");
  ask->set_confidence(0.4321);
  ask->set_below(0.8);
  ask->set_refused(refused);
}

inline void Decided(v1::Record& record, const std::string& path, bool approved, const std::string& by,
                    const std::string& note) {
  auto* decided = record.mutable_event()->mutable_person_decided();
  decided->set_path(path);
  decided->set_approved(approved);
  decided->set_by(by);
  decided->set_note(note);
}

inline void Complete(v1::Record& record, const std::string& path) {
  record.add_decisions()->mutable_complete_step()->set_path(path);
}

inline void Finish(v1::Record& record, const std::string& output_json) {
  record.add_decisions()->mutable_finish_task()->mutable_output()->set_json(output_json);
}

}  // namespace troupe::cli
