#include "router/journal/codec.h"

#include <utility>

#include "runtime/base/digest.h"

namespace troupe::journal {
namespace {

Error Lost(const std::string& what) {
  return {Code::kDataLoss, "the journal holds a record that this release cannot read: " + what};
}

class Encoder {
 public:
  Encoder(std::vector<Blob>* blobs, v1::Record& out) : blobs_(blobs), out_(out) {}

  void Put(const Value& value, v1::Payload& out) {
    std::string json = Dump(value);
    if (blobs_ == nullptr || json.size() <= kInlineLimitBytes) {
      out.set_json(std::move(json));
      return;
    }
    std::string sha256 = Sha256Hex(json);
    out.set_sha256(sha256);
    blobs_->push_back({std::move(sha256), std::move(json)});
  }

  void operator()(const core::Accepted& e) {
    v1::TaskAccepted& m = *out_.mutable_event()->mutable_accepted();
    m.set_graph(e.graph);
    m.set_graph_version(e.version.value);
    Put(e.input, *m.mutable_input());
    m.set_request_id(e.request_id);
    m.set_deadline_ms(e.deadline_ms);
    for (const auto& [key, value] : e.labels) (*m.mutable_labels())[key] = value;
    m.set_token_limit(e.limits.tokens);
    m.set_device_us_limit(e.limits.device_us);
    m.set_money_limit_micros(e.limits.money);
    m.set_priority(e.priority);
  }
  void operator()(const core::StepDone& e) {
    v1::StepDone& m = *out_.mutable_event()->mutable_step_done();
    m.set_path(e.path);
    m.set_attempt(e.attempt);
    Put(e.output, *m.mutable_output());
    EncodeUsage(e.usage, *m.mutable_usage());
    EncodeSite(e.site, *m.mutable_site());
  }
  void operator()(const core::StepFailed& e) {
    v1::StepFailed& m = *out_.mutable_event()->mutable_step_failed();
    m.set_path(e.path);
    m.set_attempt(e.attempt);
    m.set_code(static_cast<int>(e.error.code));
    m.set_message(e.error.message);
    EncodeUsage(e.usage, *m.mutable_usage());
    EncodeSite(e.site, *m.mutable_site());
  }
  void operator()(const core::StepProgress& e) {
    v1::StepProgress& m = *out_.mutable_event()->mutable_step_progress();
    m.set_path(e.path);
    m.set_attempt(e.attempt);
    m.set_text(e.text);
    m.set_generated_tokens(e.generated_tokens);
  }
  void operator()(const core::StepAsked& e) {
    v1::StepAsked& m = *out_.mutable_event()->mutable_step_asked();
    m.set_path(e.path);
    m.set_attempt(e.attempt);
    m.set_ordinal(e.ordinal);
    m.set_peer(e.peer);
    Put(e.input, *m.mutable_input());
  }
  void operator()(const core::CancelRequested& e) {
    out_.mutable_event()->mutable_cancel_requested()->set_reason(e.reason);
  }
  void operator()(const core::DeadlinePassed&) { out_.mutable_event()->mutable_deadline_passed(); }
  void operator()(const core::PersonDecided& e) {
    v1::PersonDecided& m = *out_.mutable_event()->mutable_person_decided();
    m.set_path(e.path);
    m.set_approved(e.approved);
    m.set_by(e.by);
    m.set_note(e.note);
  }
  void operator()(const core::WaitExpired& e) { out_.mutable_event()->mutable_wait_expired()->set_path(e.path); }

  void operator()(const core::StartStep& d) {
    v1::StartStep& m = *out_.add_decisions()->mutable_start_step();
    m.set_path(d.path);
    m.set_attempt(d.attempt);
    m.set_agent(d.agent);
    Put(d.input, *m.mutable_input());
    m.set_not_before_ms(d.not_before_ms);
    m.set_timeout_ms(d.timeout_ms);
    m.set_reserved_tokens(d.reserved.tokens);
    m.set_reserved_device_us(d.reserved.device_us);
    m.set_reserved_money_micros(d.reserved.money);
    m.set_token_price_micros(d.price.token);
    m.set_device_second_price_micros(d.price.device_second);
    m.set_may_hedge(d.may_hedge);
  }
  void operator()(const core::SkipStep& d) { out_.add_decisions()->mutable_skip_step()->set_path(d.path); }
  void operator()(const core::OpenScope& d) {
    v1::OpenScope& m = *out_.add_decisions()->mutable_open_scope();
    m.set_path(d.path);
    m.set_index(d.index);
    Put(d.item, *m.mutable_item());
    m.set_count(d.count);
  }
  void operator()(const core::CompleteStep& d) {
    v1::CompleteStep& m = *out_.add_decisions()->mutable_complete_step();
    m.set_path(d.path);
    Put(d.output, *m.mutable_output());
  }
  void operator()(const core::FailStep& d) {
    v1::FailStep& m = *out_.add_decisions()->mutable_fail_step();
    m.set_path(d.path);
    m.set_code(static_cast<int>(d.error.code));
    m.set_message(d.error.message);
    m.set_tolerated(d.tolerated);
  }
  void operator()(const core::StopStep& d) {
    v1::StopStep& m = *out_.add_decisions()->mutable_stop_step();
    m.set_path(d.path);
    m.set_attempt(d.attempt);
  }
  void operator()(const core::FinishTask& d) {
    Put(d.output, *out_.add_decisions()->mutable_finish_task()->mutable_output());
  }
  void operator()(const core::FailTask& d) {
    v1::FailTask& m = *out_.add_decisions()->mutable_fail_task();
    m.set_code(static_cast<int>(d.error.code));
    m.set_message(d.error.message);
    m.set_path(d.path);
  }
  void operator()(const core::AskPerson& d) {
    v1::AskPerson& m = *out_.add_decisions()->mutable_ask_person();
    m.set_path(d.path);
    m.set_ask(d.ask);
    Put(d.show, *m.mutable_show());
    m.set_expires_ms(d.expires_ms);
  }
  void operator()(const core::OpenGraph& d) {
    v1::OpenGraph& m = *out_.add_decisions()->mutable_open_graph();
    m.set_path(d.path);
    Put(d.input, *m.mutable_input());
  }
  void operator()(const core::AskTeacher& d) {
    v1::AskTeacher& m = *out_.add_decisions()->mutable_ask_teacher();
    m.set_path(d.path);
    m.set_attempt(d.attempt);
    m.set_teacher(d.teacher);
    m.set_confidence(d.confidence);
    m.set_below(d.below);
    m.set_refused(d.refused);
    m.set_spot_check(d.spot_check);
  }
  void operator()(const core::MoveDeadline& d) {
    out_.add_decisions()->mutable_move_deadline()->set_deadline_ms(d.deadline_ms);
  }

 private:
  std::vector<Blob>* blobs_;
  v1::Record& out_;
};

Result<Value> Take(const v1::Payload& payload, const BlobSource& blobs) {
  // What was too large for a client's input may still be a step's output; depth is bounded where values come in.
  constexpr ValueLimits kLimits{.max_bytes = 64u << 20, .max_depth = 256};
  switch (payload.payload_case()) {
    case v1::Payload::kJson:
      return ParseValue(payload.json(), kLimits);
    case v1::Payload::kSha256: {
      TRY_ASSIGN(const std::string json, blobs(payload.sha256()));
      return ParseValue(json, kLimits);
    }
    default:
      return Lost("an empty payload");
  }
}

core::WorkSite DecodeSite(const v1::WorkSite& site) {
  return {site.agent(),        site.replica(),  site.reason(),
          site.sent_ms(),      site.ended_ms(), site.queued_us(),
          site.model_digest(), site.spill(),    {site.token_price_micros(), site.device_second_price_micros()}};
}

Error DecodeError(int code, const std::string& message) {
  return {code >= 1 && code <= 16 ? static_cast<Code>(code) : Code::kUnknown, message};
}

Result<core::Event> DecodeEvent(const v1::Event& event, const BlobSource& blobs) {
  switch (event.event_case()) {
    case v1::Event::kAccepted: {
      const v1::TaskAccepted& m = event.accepted();
      TRY_ASSIGN(Value input, Take(m.input(), blobs));
      return core::Event(core::Accepted{.graph = m.graph(),
                                        .version = GraphVersion(m.graph_version()),
                                        .input = std::move(input),
                                        .request_id = m.request_id(),
                                        .deadline_ms = m.deadline_ms(),
                                        .labels = {m.labels().begin(), m.labels().end()},
                                        .limits = {m.token_limit(), m.device_us_limit(), m.money_limit_micros()},
                                        .priority = m.has_priority() ? m.priority() : graph::kDefaultPriority});
    }
    case v1::Event::kStepDone: {
      const v1::StepDone& m = event.step_done();
      TRY_ASSIGN(Value output, Take(m.output(), blobs));
      return core::Event(
          core::StepDone{m.path(), m.attempt(), std::move(output), DecodeUsage(m.usage()), DecodeSite(m.site())});
    }
    case v1::Event::kStepFailed: {
      const v1::StepFailed& m = event.step_failed();
      return core::Event(core::StepFailed{m.path(), m.attempt(), DecodeError(m.code(), m.message()),
                                          DecodeUsage(m.usage()), DecodeSite(m.site())});
    }
    case v1::Event::kStepProgress: {
      const v1::StepProgress& m = event.step_progress();
      return core::Event(core::StepProgress{m.path(), m.attempt(), m.text(), m.generated_tokens()});
    }
    case v1::Event::kStepAsked: {
      const v1::StepAsked& m = event.step_asked();
      TRY_ASSIGN(Value input, Take(m.input(), blobs));
      return core::Event(core::StepAsked{m.path(), m.attempt(), m.ordinal(), m.peer(), std::move(input)});
    }
    case v1::Event::kCancelRequested:
      return core::Event(core::CancelRequested{event.cancel_requested().reason()});
    case v1::Event::kDeadlinePassed:
      return core::Event(core::DeadlinePassed{});
    case v1::Event::kPersonDecided: {
      const v1::PersonDecided& m = event.person_decided();
      return core::Event(core::PersonDecided{m.path(), m.approved(), m.by(), m.note()});
    }
    case v1::Event::kWaitExpired:
      return core::Event(core::WaitExpired{event.wait_expired().path()});
    default:
      return Lost("an event of a kind unknown here; was it written by a newer release?");
  }
}

Result<core::Decision> DecodeDecision(const v1::Decision& decision, const BlobSource& blobs) {
  switch (decision.decision_case()) {
    case v1::Decision::kStartStep: {
      const v1::StartStep& m = decision.start_step();
      TRY_ASSIGN(Value input, Take(m.input(), blobs));
      return core::Decision(core::StartStep{m.path(),
                                            m.attempt(),
                                            m.agent(),
                                            std::move(input),
                                            m.not_before_ms(),
                                            m.timeout_ms(),
                                            {m.reserved_tokens(), m.reserved_device_us(), m.reserved_money_micros()},
                                            {m.token_price_micros(), m.device_second_price_micros()},
                                            m.may_hedge()});
    }
    case v1::Decision::kSkipStep:
      return core::Decision(core::SkipStep{decision.skip_step().path()});
    case v1::Decision::kOpenScope: {
      const v1::OpenScope& m = decision.open_scope();
      TRY_ASSIGN(Value item, Take(m.item(), blobs));
      return core::Decision(core::OpenScope{m.path(), m.index(), std::move(item), m.count()});
    }
    case v1::Decision::kCompleteStep: {
      TRY_ASSIGN(Value output, Take(decision.complete_step().output(), blobs));
      return core::Decision(core::CompleteStep{decision.complete_step().path(), std::move(output)});
    }
    case v1::Decision::kFailStep: {
      const v1::FailStep& m = decision.fail_step();
      return core::Decision(core::FailStep{m.path(), DecodeError(m.code(), m.message()), m.tolerated()});
    }
    case v1::Decision::kStopStep:
      return core::Decision(core::StopStep{decision.stop_step().path(), decision.stop_step().attempt()});
    case v1::Decision::kFinishTask: {
      TRY_ASSIGN(Value output, Take(decision.finish_task().output(), blobs));
      return core::Decision(core::FinishTask{std::move(output)});
    }
    case v1::Decision::kFailTask: {
      const v1::FailTask& m = decision.fail_task();
      return core::Decision(core::FailTask{DecodeError(m.code(), m.message()), m.path()});
    }
    case v1::Decision::kAskPerson: {
      const v1::AskPerson& m = decision.ask_person();
      TRY_ASSIGN(Value show, Take(m.show(), blobs));
      return core::Decision(core::AskPerson{m.path(), m.ask(), std::move(show), m.expires_ms()});
    }
    case v1::Decision::kOpenGraph: {
      TRY_ASSIGN(Value input, Take(decision.open_graph().input(), blobs));
      return core::Decision(core::OpenGraph{decision.open_graph().path(), std::move(input)});
    }
    case v1::Decision::kAskTeacher: {
      const v1::AskTeacher& m = decision.ask_teacher();
      return core::Decision(
          core::AskTeacher{m.path(), m.attempt(), m.teacher(), m.confidence(), m.below(), m.refused(), m.spot_check()});
    }
    case v1::Decision::kMoveDeadline:
      return core::Decision(core::MoveDeadline{decision.move_deadline().deadline_ms()});
    default:
      return Lost("a decision of a kind unknown here; was it written by a newer release?");
  }
}

Status PutBackOne(v1::Payload& payload, const BlobSource& blobs) {
  if (payload.payload_case() != v1::Payload::kSha256) return {};
  TRY_ASSIGN(std::string json, blobs(payload.sha256()));
  payload.set_json(std::move(json));
  return {};
}

}  // namespace

void EncodeUsage(const core::Usage& usage, v1::Usage& out) {
  out.set_prompt_tokens(usage.prompt_tokens);
  out.set_generated_tokens(usage.generated_tokens);
  out.set_device_us(usage.device_us);
}

core::Usage DecodeUsage(const v1::Usage& usage) {
  return {usage.prompt_tokens(), usage.generated_tokens(), usage.device_us()};
}

void EncodeSite(const core::WorkSite& site, v1::WorkSite& out) {
  out.set_agent(site.agent);
  out.set_replica(site.replica);
  out.set_reason(site.reason);
  out.set_sent_ms(site.sent_ms);
  out.set_ended_ms(site.ended_ms);
  out.set_queued_us(site.queued_us);
  out.set_model_digest(site.model_digest);
  out.set_spill(site.spill);
  out.set_token_price_micros(site.spill_price.token);
  out.set_device_second_price_micros(site.spill_price.device_second);
}

void Encode(const core::Record& record, const std::string& task_id, std::vector<Blob>* blobs, v1::Record& out) {
  out.set_task_id(task_id);
  out.set_sequence(record.sequence);
  out.set_time_ms(record.time_ms);
  Encoder encoder(blobs, out);
  std::visit(encoder, record.event);
  for (const core::Decision& decision : record.decisions) std::visit(encoder, decision);
}

Result<core::Record> Decode(const v1::Record& record, const BlobSource& blobs) {
  core::Record out{.sequence = record.sequence(), .time_ms = record.time_ms()};
  TRY_ASSIGN(out.event, DecodeEvent(record.event(), blobs));
  out.decisions.reserve(record.decisions_size());
  for (const v1::Decision& decision : record.decisions()) {
    TRY_ASSIGN(core::Decision one, DecodeDecision(decision, blobs));
    out.decisions.push_back(std::move(one));
  }
  return out;
}

Status PutBack(v1::Record& record, const BlobSource& blobs) {
  if (record.event().has_accepted())
    TRY(PutBackOne(*record.mutable_event()->mutable_accepted()->mutable_input(), blobs));
  if (record.event().has_step_done()) {
    TRY(PutBackOne(*record.mutable_event()->mutable_step_done()->mutable_output(), blobs));
  }
  if (record.event().has_step_asked()) {
    TRY(PutBackOne(*record.mutable_event()->mutable_step_asked()->mutable_input(), blobs));
  }
  for (v1::Decision& decision : *record.mutable_decisions()) {
    if (decision.has_start_step()) TRY(PutBackOne(*decision.mutable_start_step()->mutable_input(), blobs));
    if (decision.has_open_scope()) TRY(PutBackOne(*decision.mutable_open_scope()->mutable_item(), blobs));
    if (decision.has_complete_step()) TRY(PutBackOne(*decision.mutable_complete_step()->mutable_output(), blobs));
    if (decision.has_open_graph()) TRY(PutBackOne(*decision.mutable_open_graph()->mutable_input(), blobs));
    if (decision.has_ask_person()) TRY(PutBackOne(*decision.mutable_ask_person()->mutable_show(), blobs));
    if (decision.has_finish_task()) TRY(PutBackOne(*decision.mutable_finish_task()->mutable_output(), blobs));
  }
  return {};
}

bool EndsTask(const v1::Record& record) {
  for (const v1::Decision& decision : record.decisions()) {
    if (decision.has_finish_task() || decision.has_fail_task()) return true;
  }
  return false;
}

Result<v1::GraphEvent> ParseGraphEvent(const std::string& bytes) {
  v1::GraphEvent event;
  if (event.ParseFromString(bytes)) return event;
  return Error{Code::kDataLoss, "the history of a graph is damaged in the journal: run 'troupe journal check'"};
}

v1::TaskState EncodeStatus(core::TaskStatus status) {
  switch (status) {
    case core::TaskStatus::kRunning:
      return v1::TASK_STATE_RUNNING;
    case core::TaskStatus::kDone:
      return v1::TASK_STATE_DONE;
    case core::TaskStatus::kFailed:
      return v1::TASK_STATE_FAILED;
    case core::TaskStatus::kCancelled:
      return v1::TASK_STATE_CANCELLED;
  }
  return v1::TASK_STATE_UNSPECIFIED;
}

v1::StepState EncodeStatus(core::StepStatus status) {
  switch (status) {
    case core::StepStatus::kWaiting:
      return v1::STEP_STATE_WAITING;
    case core::StepStatus::kRunning:
      return v1::STEP_STATE_RUNNING;
    case core::StepStatus::kDone:
      return v1::STEP_STATE_DONE;
    case core::StepStatus::kSkipped:
      return v1::STEP_STATE_SKIPPED;
    case core::StepStatus::kFailed:
      return v1::STEP_STATE_FAILED;
    case core::StepStatus::kStopped:
      return v1::STEP_STATE_STOPPED;
    case core::StepStatus::kWaitsForPerson:
      return v1::STEP_STATE_WAITS_FOR_PERSON;
  }
  return v1::STEP_STATE_UNSPECIFIED;
}

}  // namespace troupe::journal
