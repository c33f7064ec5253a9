// What an expression in a graph may refer to at its place, and of which type that is. Used by the checker while it
// walks the scopes; one thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "router/graph/context.h"

namespace troupe::graph {

// The names that can be seen in one scope.
struct View {
  const View* outer = nullptr;
  const Scope* scope = nullptr;
  // The step that holds the scope; empty for the root.
  std::string holder;
  // The item of an each, `previous`.
  std::map<std::string, kind::Type> variables;
  // Of the scope's steps, by index; nothing for those not checked yet.
  std::vector<std::optional<kind::Type>> types;
};

// "steps.a.b" in pieces.
std::vector<std::string> SplitPath(const std::string& path);

kind::Type Nullable(kind::Type type);

// The type of a decompose step's output, by how it takes the text apart.
kind::Type PartsType(const DecomposeStep& step);

// The type of an approve step's output: {approved, by, note, time}.
kind::Type VerdictType();

// Where a template's text names `reference`.
Position PlaceOfReference(const ParseContext& context, const Position& start, const text::Template& text,
                          const std::string& reference);

// Each template of a step and of the steps inside of it that sees the step's scope; template files see only their
// `with`.
using TemplateVisitor = std::function<void(const text::Template&, const Position&)>;
void ForEachTemplate(const Step& step, const TemplateVisitor& visit);
void ForEachTemplate(const ValueTemplate& value, const TemplateVisitor& visit);

// The type of what it gives; names that are not there become findings and give `any`.
kind::Type TypeOf(ParseContext& context, const Expression& expression, const View& view);
kind::Type TypeOf(ParseContext& context, const ValueTemplate& value, const View& view);

// Why a value of type `from` cannot stand where `to` is asked for; empty where it can.
std::string Mismatch(const kind::Type& from, const kind::Type& to, const std::string& where);

// Reports, at the value that is to blame, what of it does not fit the type.
void CheckValue(ParseContext& context, const ValueTemplate& value, const kind::Type& wanted, const std::string& what,
                const View& view);

}  // namespace troupe::graph
