// Whether what a step is given fits what its agent takes.
#include "router/graph/typing.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::Type;

std::string MismatchOfObjects(const Type& from, const Type& to, const std::string& where) {
  if (from.fields.empty() || to.fields.empty()) return "";
  std::vector<std::string> names;
  for (const auto& field : to.fields) {
    names.push_back(field.name);
    const kind::Field* given = from.Find(field.name);
    if (given == nullptr) {
      if (field.required) return where + " lacks '" + field.name + "', which must be " + ToString(field.type);
      continue;
    }
    if (auto why = Mismatch(given->type, field.type, where + "." + field.name); !why.empty()) return why;
  }
  for (const auto& field : from.fields) {
    if (to.Find(field.name) == nullptr) {
      return where + " has no field '" + field.name + "'" + kind::Suggest(field.name, names);
    }
  }
  return "";
}

void CheckFields(ParseContext& context, const ValueTemplate& value, const Type& wanted, const std::string& what,
                 const View& view) {
  std::vector<std::string> free;
  for (const auto& field : wanted.fields) {
    if (!value.fields.contains(field.name)) free.push_back(field.name);
  }
  bool unknown = false;
  for (const auto& [name, field] : value.fields) {
    const kind::Field* known = wanted.Find(name);
    if (known == nullptr) {
      context.Error(field.position, "the " + what + " has no field '" + name + "'" + kind::Suggest(name, free));
      unknown = true;
      continue;
    }
    CheckValue(context, field, known->type, what + ", field '" + name + "'", view);
  }
  for (const auto& field : wanted.fields) {
    // a misspelt name has been reported already
    if (!field.required || value.fields.contains(field.name) || unknown) continue;
    context.Error(value.position, "the " + what + " lacks '" + field.name + "', which must be " + ToString(field.type));
  }
}

}  // namespace

std::string Mismatch(const Type& from, const Type& to, const std::string& where) {
  using Kind = Type::Kind;
  if (from.kind == Kind::kAny || to.kind == Kind::kAny) return "";
  if (from.kind == Kind::kInteger && to.kind == Kind::kNumber) return "";
  if (from.kind != to.kind) {
    std::string advice = to.kind == Kind::kString ? "; join it into a text in a template" : "";
    return where + " must be " + ToString(to) + ", but this gives " + ToString(from) + advice;
  }
  if (to.kind == Kind::kList && from.item && to.item) return Mismatch(*from.item, *to.item, where + "[]");
  if (to.kind == Kind::kObject) return MismatchOfObjects(from, to, where);
  return "";
}

void CheckValue(ParseContext& context, const ValueTemplate& value, const Type& wanted, const std::string& what,
                const View& view) {
  using Kind = ValueTemplate::Kind;
  if (value.kind == Kind::kLiteral) {
    auto fit = Conform(wanted, value.literal, "the " + what);
    if (!fit) context.Error(value.position, fit.error().message);
    return;
  }
  if (value.kind == Kind::kObject && wanted.kind == Type::Kind::kObject && !wanted.fields.empty()) {
    CheckFields(context, value, wanted, what, view);
    return;
  }
  if (value.kind == Kind::kList && wanted.kind == Type::Kind::kList && wanted.item) {
    for (const auto& item : value.items) CheckValue(context, item, *wanted.item, what, view);
    return;
  }
  if (auto why = Mismatch(TypeOf(context, value, view), wanted, "the " + what); !why.empty()) {
    context.Error(value.position, why);
  }
}

}  // namespace troupe::graph
