#include "router/core/names.h"

#include <utility>

#include "router/core/apply.h"

namespace troupe::core {
namespace {

bool IsGraph(const Frame& frame) { return frame.holder != nullptr && frame.holder->graph.has_value(); }

std::vector<std::string> SplitDots(const std::string& path) {
  std::vector<std::string> names;
  size_t begin = 0;
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    names.push_back(path.substr(begin, dot - begin));
    begin = dot + 1;
  }
  names.push_back(path.substr(begin));
  return names;
}

// Copies into `slot` what `names[from..]` lead to inside `value`. Where they lead nowhere the value is copied as far as
// it goes, so that the template itself says what is wrong (or calls a method of it).
void CopyPart(Value& slot, const Value& value, const std::vector<std::string>& names, size_t from) {
  if (from == names.size() || !value.is_object()) {
    slot = value;
    return;
  }
  const auto member = value.find(names[from]);
  if (member == value.end()) {
    slot = value;
    return;
  }
  if (!slot.is_object()) slot = Value::object();
  CopyPart(slot[names[from]], *member, names, from + 1);
}

}  // namespace

bool IsTrue(const Value& value) {
  switch (value.type()) {
    case Value::value_t::null:
      return false;
    case Value::value_t::boolean:
      return value.get<bool>();
    case Value::value_t::string:
    case Value::value_t::array:
    case Value::value_t::object:
      return value.is_string() ? !value.get_ref<const std::string&>().empty() : !value.empty();
    default:
      return value.get<double>() != 0.0;
  }
}

Result<Value> Names::Evaluate(const graph::Expression& expression, std::string_view what) const {
  return EvaluateText(*expression.text, expression.position, what);
}

Result<Value> Names::Render(const graph::ValueTemplate& value, std::string_view what) const {
  using Kind = graph::ValueTemplate::Kind;
  switch (value.kind) {
    case Kind::kLiteral:
      return value.literal;
    case Kind::kTemplate:
      return EvaluateText(*value.text, value.position, what);
    case Kind::kObject: {
      Value object = Value::object();
      for (const auto& [name, field] : value.fields) {
        TRY_ASSIGN(object[name], Render(field, what));
      }
      return object;
    }
    case Kind::kList: {
      Value list = Value::array();
      for (const auto& item : value.items) {
        TRY_ASSIGN(Value element, Render(item, what));
        list.push_back(std::move(element));
      }
      return list;
    }
    case Kind::kFile:
      return RenderFile(value, what);
  }
  return Internal("a value template of an unknown kind");
}

Result<Value> Names::RenderFile(const graph::ValueTemplate& value, std::string_view what) const {
  Value context = Value::object();
  for (const auto& [name, field] : value.fields) {
    TRY_ASSIGN(context[name], Render(field, what));
  }
  auto text = value.text->Render(context);
  if (!text) return Explain(text.error(), value.position, what);
  return Value(std::move(*text));
}

Result<Value> Names::EvaluateText(const text::Template& text, const graph::Position& position,
                                  std::string_view what) const {
  if (!text.PlainPath().empty()) {
    if (const Value* found = FindPlain(text.PlainPath())) return *found;
  }
  auto value = text.Evaluate(Context(text.References()));
  if (!value) return Explain(value.error(), position, what);
  return std::move(*value);
}

const Value* Names::FindPlain(const std::vector<std::string>& path) const {
  size_t used = 0;
  const Value* value = FindRoot(path, &used);
  for (; value != nullptr && used < path.size(); ++used) {
    if (!value->is_object()) return nullptr;
    const auto member = value->find(path[used]);
    value = member == value->end() ? nullptr : &*member;
  }
  return value;
}

const Value* Names::FindRoot(const std::vector<std::string>& path, size_t* used) const {
  *used = 1;
  if (path[0] == "input") return FindInput();
  if (path[0] != "steps") return FindVariable(path[0]);
  *used = 2;
  return path.size() < 2 ? nullptr : FindStepOutput(path[1]);
}

const Value* Names::FindInput() const {
  for (auto frame = place_.frames.rbegin(); frame != place_.frames.rend(); ++frame) {
    if (!IsGraph(*frame)) continue;
    const auto record = state_.steps.find(place_.HolderPath(*frame));
    if (record == state_.steps.end()) return nullptr;
    const auto item = record->second.items.find(0);
    return item == record->second.items.end() ? nullptr : &item->second;
  }
  return &state_.input;
}

const Value* Names::FindStepOutput(const std::string& name) const {
  std::string path;
  for (auto frame = place_.frames.rbegin(); frame != place_.frames.rend(); ++frame) {
    path = place_.RoundPath(*frame);
    if (!path.empty()) path += '.';
    path += name;
    const auto record = state_.steps.find(path);
    if (record != state_.steps.end() && HasEndedWell(record->second)) return &record->second.output;
    if (IsGraph(*frame)) break;
  }
  return nullptr;
}

const Value* Names::FindVariable(const std::string& name) const {
  for (auto frame = place_.frames.rbegin(); frame != place_.frames.rend(); ++frame) {
    if (frame->holder == nullptr || IsGraph(*frame)) break;
    const bool is_it = frame->holder->each ? frame->holder->each->variable == name : name == "previous";
    if (!is_it) continue;
    const auto record = state_.steps.find(place_.HolderPath(*frame));
    if (record == state_.steps.end()) return nullptr;
    const auto item = record->second.items.find(frame->round);
    return item == record->second.items.end() ? nullptr : &item->second;
  }
  return nullptr;
}

Value Names::Context(const std::vector<std::string>& references) const {
  Value context = Value::object();
  for (const std::string& reference : references) {
    const std::vector<std::string> names = SplitDots(reference);
    if (names[0] == "steps" && !context.contains("steps")) context["steps"] = Value::object();
    if (names[0] == "steps" && names.size() == 1) {
      AddAllSteps(context["steps"]);
      continue;
    }
    size_t used = 0;
    const Value* value = FindRoot(names, &used);
    if (value == nullptr) continue;
    Value& slot = used == 2 ? context["steps"][names[1]] : context[names[0]];
    CopyPart(slot, *value, names, used);
  }
  return context;
}

void Names::AddAllSteps(Value& steps) const {
  for (const Frame& frame : place_.frames) {
    for (const graph::Step& step : frame.scope->steps) {
      if (const Value* output = FindStepOutput(step.name)) steps[step.name] = *output;
    }
  }
}

Error Names::Explain(const Error& error, const graph::Position& position, std::string_view what) const {
  std::string message(what);
  if (!place_.path.empty()) {
    message += " of step '";
    message += place_.path;
    message += "'";
  }
  message += " cannot be evaluated";
  if (position.line > 0) {
    message += " (" + position.file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column) + ")";
  }
  message += ": " + error.message;
  return Invalid(std::move(message));
}

}  // namespace troupe::core
