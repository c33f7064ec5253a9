// Steps that hold steps: each (rounds side by side), repeat (turns one after another) and graph (another file's steps).
#include <algorithm>
#include <utility>

#include "router/core/apply.h"
#include "router/core/decider.h"
#include "router/core/names.h"
#include "runtime/kind/type.h"

namespace troupe::core {

void Decider::BeginEach(const Place& place) {
  auto items = ItemsOf(place);
  if (!items) return Fail(place, items.error());
  const auto count = static_cast<int64_t>((*items)->size());
  const graph::EachStep& each = *place.step->each;
  if (count > each.max) {
    return Fail(place, {Code::kOutOfRange, "step '" + place.path + "' has " + std::to_string(count) +
                                               " items, more than its max of " + std::to_string(each.max) +
                                               "; raise max or hand it fewer"});
  }
  if (count == 0) {
    Emit(CompleteStep{place.path, Value::array()});
    work_.push_back({What::kEnded, place});
    return;
  }
  OpenRound(place, 0, (**items)[0], static_cast<int>(count));
  Find(place.path)->list.value = std::move(*items);
  ContinueEach(place);
}

// Evaluated once and kept; after a recovery once more.
Result<std::shared_ptr<const Value>> Decider::ItemsOf(const Place& place) {
  const StepRecord* record = Find(place.path);
  if (record != nullptr && record->list.value != nullptr) return record->list.value;
  TRY_ASSIGN(Value items, Names(state_, place).Evaluate(place.step->each->items, "the items"));
  if (!items.is_array()) {
    return Invalid("the items of step '" + place.path + "' must be a list, got " + items.type_name());
  }
  return std::make_shared<const Value>(std::move(items));
}

void Decider::ContinueEach(const Place& place) {
  if (Find(place.path)->ended_rounds == Find(place.path)->count) return CompleteEach(place);
  if (Find(place.path)->opened_rounds == Find(place.path)->count) return;
  auto items = ItemsOf(place);
  if (items && static_cast<int>((*items)->size()) != Find(place.path)->count) {
    items = Internal("the items of step '" + place.path + "' are no longer as many as they were");
  }
  if (!items) return Fail(place, items.error());
  StepRecord& record = *Find(place.path);
  record.list.value = *items;
  while (record.opened_rounds < record.count &&
         record.opened_rounds - record.ended_rounds < std::max(place.step->each->parallel, 1)) {
    OpenRound(place, record.opened_rounds, (**items)[record.opened_rounds], record.count);
  }
}

void Decider::CompleteEach(const Place& place) {
  Value list = Value::array();
  const int count = Find(place.path)->count;
  for (int i = 0; i < count; ++i) {
    const StepRecord& round = *Find(RoundPath(place.path, i));
    if (round.status == StepStatus::kDone) {
      list.push_back(round.output);
    } else if (place.step->on_error == graph::OnError::kKeep) {
      list.push_back(Value());
    }
  }
  Emit(CompleteStep{place.path, std::move(list)});
  work_.push_back({What::kEnded, place});
}

void Decider::OpenRound(const Place& place, int round, Value item, int count) {
  Emit(OpenScope{place.path, round, std::move(item), count});
  work_.push_back({What::kOpen, place.Round(round)});
}

// What the graph inside calls `input` is held to its types, as a task's is.
void Decider::EnterGraph(const Place& place) {
  const graph::GraphStep& inner = *place.step->graph;
  Result<Value> input = Names(state_, place).Render(inner.input, "the input");
  if (input) input = kind::Conform(inner.input_type, std::move(*input), "the input of step '" + place.path + "'");
  if (!input) return Fail(place, input.error());
  Emit(OpenGraph{place.path, std::move(*input)});
  work_.push_back({What::kOpen, place.Inside()});
}

// A turn of a repeat is over: enough, once more, or given up.
void Decider::EndTurn(const Place& round, Value output) {
  const graph::RepeatStep& repeat = *round.frames.back().holder->repeat;
  const Result<Value> until = Names(state_, round).Evaluate(repeat.until, "until");
  if (!until) return FailRound(round, until.error(), round.path);
  const Place holder = round.Holder();
  const int turns = round.frames.back().round + 1;
  const bool is_enough = IsTrue(*until);
  Emit(CompleteStep{round.path, output});
  if (!is_enough && turns < repeat.max) {
    OpenRound(holder, turns, std::move(output), 0);
  } else if (is_enough || repeat.on_exhausted == graph::RepeatStep::OnExhausted::kKeep) {
    Emit(CompleteStep{holder.path, std::move(output)});
    work_.push_back({What::kEnded, holder});
  } else {
    Fail(holder, FailedPrecondition("step '" + holder.path + "' was repeated " + std::to_string(turns) +
                                    " times and its until never held; raise max or set onExhausted: keep"));
  }
}

}  // namespace troupe::core
