#include "router/gateway/kept_answer.h"

namespace troupe::gateway {
namespace {

void Fill(const answers::Answers::GraphAnswer& answer, v1::KeptAnswer& out) {
  out.set_task_id(answer.task_id);
  out.set_made_ms(answer.made_at_ms);
  out.set_stale(answer.is_stale);
  out.set_saved_tokens(answer.tokens);
  out.set_saved_device_us(answer.device_ms * 1000);
  out.set_saved_money_micros(answer.money_micros);
}

}  // namespace

void FillKept(const Tasks::Kept& kept, v1::ExecuteResponse& out) {
  Fill(kept.answer, *out.mutable_kept());
  v1::Task& task = *out.mutable_task();
  task.set_graph(kept.graph->name);
  task.set_graph_version(kept.graph->version.value);
  task.set_state(v1::TASK_STATE_DONE);
  task.set_output_json(kept.answer.output_json);
}

void FillKept(const Tasks::Kept& kept, UnixMs now_ms, v1::RunResponse& out) {
  Fill(kept.answer, *out.mutable_kept());
  v1::Record& record = *out.mutable_record();
  record.set_sequence(1);
  record.set_time_ms(now_ms);
  v1::TaskAccepted& accepted = *record.mutable_event()->mutable_accepted();
  accepted.set_graph(kept.graph->name);
  accepted.set_graph_version(kept.graph->version.value);
  accepted.mutable_input()->set_json(kept.input_json);
  record.add_decisions()->mutable_finish_task()->mutable_output()->set_json(kept.answer.output_json);
}

}  // namespace troupe::gateway
