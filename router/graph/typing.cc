#include "router/graph/typing.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "router/graph/outline.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::Type;

Type Scalar(Type::Kind kind) {
  Type type;
  type.kind = kind;
  return type;
}

bool IsNumber(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

// Follows one template's references.
class Resolver {
 public:
  Resolver(ParseContext& context, const text::Template& text, const Position& position)
      : context_(context), text_(text), position_(position) {}

  // Follows all of them; the type of the last one is only of use where there is one.
  Type ResolveAll(const View& view) {
    Type type;
    for (const auto& reference : text_.References()) type = Resolve(reference, view);
    return type;
  }

  // In a template file: `names` are all there is.
  void ResolveAllIn(const std::map<std::string, Type>& names, const std::string& graph_file) {
    for (const auto& reference : text_.References()) {
      auto path = SplitPath(reference);
      auto found = names.find(path[0]);
      if (found != names.end()) {
        Follow(found->second, path, 1, reference);
        continue;
      }
      std::vector<std::string> known;
      for (const auto& [name, type] : names) known.push_back(name);
      Error(reference, "there is no '" + path[0] + "' here; a template file sees only what 'with' gives it in " +
                           graph_file + kind::Suggest(path[0], known));
    }
  }

 private:
  void Error(const std::string& reference, std::string message) {
    context_.Error(PlaceOfReference(context_, position_, text_, reference), std::move(message));
  }

  Type Resolve(const std::string& reference, const View& view) {
    auto path = SplitPath(reference);
    if (path[0] == "input") return Follow(context_.graph.input, path, 1, reference);
    if (path[0] == "steps") return ResolveStep(path, reference, view);
    std::vector<std::string> known = {"input", "steps"};
    for (const View* scope = &view; scope != nullptr; scope = scope->outer) {
      auto found = scope->variables.find(path[0]);
      if (found != scope->variables.end()) return Follow(found->second, path, 1, reference);
      for (const auto& [name, type] : scope->variables) known.push_back(name);
    }
    if (path[0] == "previous") {
      Error(reference, "there is no 'previous' here; only steps inside of a repeat have a turn before");
      return {};
    }
    for (const View* scope = &view; scope != nullptr; scope = scope->outer) {
      for (const auto& step : scope->scope->steps) {
        if (step.name == path[0]) {
          Error(reference, "there is no '" + path[0] + "' here; a step's output is called 'steps." + path[0] + "'");
          return {};
        }
      }
    }
    Error(reference, "there is no '" + path[0] + "' here" + kind::Suggest(path[0], known));
    return {};
  }

  Type ResolveStep(const std::vector<std::string>& path, const std::string& reference, const View& view) {
    std::vector<std::string> known;
    for (const View* scope = &view; scope != nullptr; scope = scope->outer) {
      for (size_t i = 0; i < scope->scope->steps.size(); ++i) {
        const Step& step = scope->scope->steps[i];
        known.push_back(step.name);
        if (path.size() < 2 || step.name != path[1]) continue;
        // of a step in a cycle, or around this one: reported elsewhere
        if (i >= scope->types.size() || !scope->types[i]) return {};
        return Follow(*scope->types[i], path, 2, reference);
      }
    }
    if (path.size() < 2) {
      Error(reference, "'steps' alone names no step; write steps.NAME" + kind::Suggest("", known));
      return {};
    }
    if (std::string holder = FindHolder(context_.graph.root, path[1]); !holder.empty()) {
      Error(reference, "step '" + path[1] + "' stands inside of step '" + holder +
                           "' and cannot be seen from here; let it out by the 'output' of '" + holder + "'");
      return {};
    }
    Error(reference, "there is no step '" + path[1] + "'" + kind::Suggest(path[1], known));
    return {};
  }

  // The step that holds a scope with a step of that name, anywhere below.
  static std::string FindHolder(const Scope& scope, const std::string& name) {
    for (const auto& step : scope.steps) {
      const Scope* body = StepsInside(step);
      if (body == nullptr) continue;
      for (const auto& inner : body->steps) {
        if (inner.name == name) return step.name;
      }
      if (std::string deeper = FindHolder(*body, name); !deeper.empty()) return deeper;
    }
    return "";
  }

  Type Follow(Type type, const std::vector<std::string>& path, size_t next, const std::string& reference) {
    std::string walked;
    for (size_t i = 0; i < next; ++i) walked += (i ? "." : "") + path[i];
    for (size_t i = next; i < path.size(); ++i) {
      if (type.kind == Type::Kind::kAny || (type.kind == Type::Kind::kObject && type.fields.empty())) return {};
      WarnIfNone(type, walked, reference);
      if (type.kind == Type::Kind::kList && IsNumber(path[i])) {
        Type item = type.item ? *type.item : Type{};
        type = std::move(item);
      } else if (type.kind == Type::Kind::kObject) {
        const kind::Field* field = type.Find(path[i]);
        if (field == nullptr) {
          std::vector<std::string> names;
          for (const auto& known : type.fields) names.push_back(known.name);
          Error(reference, "'" + walked + "' has no field '" + path[i] + "'" + kind::Suggest(path[i], names));
          return {};
        }
        Type inner = field->type;
        type = std::move(inner);
      } else {
        Error(reference, "'" + walked + "' is " + ToString(type) + " and has no field '" + path[i] + "'" +
                             (type.kind == Type::Kind::kList ? "; take an element, or go through it with each" : ""));
        return {};
      }
      walked += "." + path[i];
    }
    return type;
  }

  // A field of none fails the step; whoever also names the value itself is taken to have asked first.
  void WarnIfNone(const Type& type, const std::string& walked, const std::string& reference) {
    const auto& references = text_.References();
    if (!type.nullable || std::find(references.begin(), references.end(), walked) != references.end()) return;
    context_.Warn(PlaceOfReference(context_, position_, text_, reference),
                  "'" + walked + "' may be none, and '" + reference + "' fails then; ask for it first: {{ " +
                      reference + " if " + walked + " else '' }}");
  }

  ParseContext& context_;
  const text::Template& text_;
  const Position& position_;
};

Type TypeOfTemplate(ParseContext& context, const text::Template& text, const Position& position, const View& view) {
  Type type = Resolver(context, text, position).ResolveAll(view);
  if (!text.PlainPath().empty() && text.References().size() == 1) return type;
  return text.IsExpression() ? Type{} : Scalar(Type::Kind::kString);
}

Type TypeOfLiteral(const Value& literal) {
  if (literal.is_string()) return Scalar(Type::Kind::kString);
  if (literal.is_boolean()) return Scalar(Type::Kind::kBoolean);
  if (literal.is_number_integer()) return Scalar(Type::Kind::kInteger);
  if (literal.is_number()) return Scalar(Type::Kind::kNumber);
  return Nullable(Type{});
}

Type TypeOfFields(ParseContext& context, const ValueTemplate& value, const View& view) {
  Type type = Scalar(Type::Kind::kObject);
  for (const auto& [name, field] : value.fields) {
    type.fields.push_back({.name = name, .type = TypeOf(context, field, view)});
  }
  return type;
}

Type TypeOfFile(ParseContext& context, const ValueTemplate& value, const View& view) {
  std::map<std::string, Type> names;
  for (const auto& [name, field] : value.fields) names.emplace(name, TypeOf(context, field, view));
  if (value.text != nullptr) {
    // messages name a template by its file
    const Position start{value.text->name(), 1, 1};
    Resolver(context, *value.text, start).ResolveAllIn(names, context.file());
    for (const auto& [name, field] : value.fields) {
      const auto& used = value.text->References();
      bool is_used = std::any_of(used.begin(), used.end(), [&](const auto& ref) { return SplitPath(ref)[0] == name; });
      if (!is_used)
        context.Warn(field.position, "'" + name + "' is given to " + start.file + ", which does not use it");
    }
  }
  return Scalar(Type::Kind::kString);
}

}  // namespace

std::vector<std::string> SplitPath(const std::string& path) {
  std::vector<std::string> pieces;
  size_t start = 0;
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
    pieces.push_back(path.substr(start, dot - start));
    start = dot + 1;
  }
  pieces.push_back(path.substr(start));
  return pieces;
}

Type Nullable(Type type) {
  type.nullable = true;
  return type;
}

Type PartsType(const DecomposeStep& step) {
  Type part = Scalar(Type::Kind::kObject);
  part.fields.push_back({.name = "text", .type = Scalar(Type::Kind::kString)});
  if (!step.skills.empty()) {
    Type skill = Scalar(Type::Kind::kString);
    for (const auto& known : step.skills) skill.choices.push_back(known.name);
    skill.choices.push_back(step.default_skill);
    part.fields.push_back({.name = "skill", .type = std::move(skill)});
    if (step.by != DecomposeStep::By::kPlanner) {
      part.fields.push_back({.name = "score", .type = Scalar(Type::Kind::kNumber)});
    }
  }
  part.fields.push_back({.name = "index", .type = Scalar(Type::Kind::kInteger)});
  if (step.by == DecomposeStep::By::kWindows) {
    part.fields.push_back({.name = "start", .type = Scalar(Type::Kind::kInteger)});
    part.fields.push_back({.name = "end", .type = Scalar(Type::Kind::kInteger)});
  }
  Type list = Scalar(Type::Kind::kList);
  list.item = std::make_shared<const Type>(std::move(part));
  return list;
}

Type VerdictType() {
  Type verdict = Scalar(Type::Kind::kObject);
  verdict.fields.push_back({.name = "approved", .type = Scalar(Type::Kind::kBoolean)});
  for (const char* name : {"by", "note", "time"}) {
    verdict.fields.push_back({.name = name, .type = Scalar(Type::Kind::kString)});
  }
  return verdict;
}

Position PlaceOfReference(const ParseContext& context, const Position& start, const text::Template& text,
                          const std::string& reference) {
  const std::string& source = text.source();
  auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; };
  for (size_t at = source.find(reference); at != std::string::npos; at = source.find(reference, at + 1)) {
    size_t end = at + reference.size();
    if ((at == 0 || !in_name(source[at - 1])) && (end == source.size() || !in_name(source[end]))) {
      return PlaceInside(context, start, source, at);
    }
  }
  return start;
}

void ForEachTemplate(const ValueTemplate& value, const TemplateVisitor& visit) {
  if (value.kind == ValueTemplate::Kind::kTemplate && value.text) visit(*value.text, value.position);
  for (const auto& [name, field] : value.fields) ForEachTemplate(field, visit);
  for (const auto& item : value.items) ForEachTemplate(item, visit);
}

void ForEachTemplate(const Step& step, const TemplateVisitor& visit) {
  auto expression = [&](const Expression& one) {
    if (one.text) visit(*one.text, one.position);
  };
  auto body = [&](const Scope& scope) {
    for (const auto& inner : scope.steps) ForEachTemplate(inner, visit);
    if (scope.output) ForEachTemplate(*scope.output, visit);
  };
  if (step.when) expression(*step.when);
  if (step.agent) ForEachTemplate(step.agent->input, visit);
  if (step.agent && step.agent->cache) {
    const CacheRule& cache = *step.agent->cache;
    if (cache.user) expression(*cache.user);
    if (cache.semantic) expression(cache.semantic->text);
  }
  if (step.decompose) expression(step.decompose->text);
  // the graph inside sees nothing of this scope
  if (step.graph) ForEachTemplate(step.graph->input, visit);
  if (step.approve) ForEachTemplate(step.approve->ask, visit);
  if (step.approve && step.approve->show) ForEachTemplate(*step.approve->show, visit);
  if (step.each) {
    expression(step.each->items);
    body(*step.each->body);
  }
  if (step.repeat) {
    expression(step.repeat->until);
    body(*step.repeat->body);
  }
}

Type TypeOf(ParseContext& context, const Expression& expression, const View& view) {
  if (expression.text == nullptr) return {};
  return TypeOfTemplate(context, *expression.text, expression.position, view);
}

Type TypeOf(ParseContext& context, const ValueTemplate& value, const View& view) {
  switch (value.kind) {
    case ValueTemplate::Kind::kLiteral:
      return TypeOfLiteral(value.literal);
    case ValueTemplate::Kind::kTemplate:
      return value.text ? TypeOfTemplate(context, *value.text, value.position, view) : Type{};
    case ValueTemplate::Kind::kObject:
      return TypeOfFields(context, value, view);
    case ValueTemplate::Kind::kList: {
      Type list = Scalar(Type::Kind::kList);
      Type item;
      for (const auto& one : value.items) item = TypeOf(context, one, view);
      list.item = std::make_shared<const Type>(value.items.size() == 1 ? item : Type{});
      return list;
    }
    case ValueTemplate::Kind::kFile:
      return TypeOfFile(context, value, view);
  }
  return {};
}

}  // namespace troupe::graph
