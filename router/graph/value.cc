#include <utility>

#include "router/graph/context.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;

bool HasBraces(const std::string& text) {
  return text.find("{{") != std::string::npos || text.find("{%") != std::string::npos ||
         text.find("{#") != std::string::npos;
}

std::shared_ptr<const text::Template> Compile(ParseContext& context, const std::string& source, const Position& start) {
  text::TemplateError error;
  std::string name = start.file;
  if (start.file == context.file()) name += ":" + std::to_string(start.line) + ":" + std::to_string(start.column);
  auto compiled = text::Template::Compile(name, source, &error);
  if (!compiled) {
    std::string message = error.message.empty() ? compiled.error().message : error.message;
    context.Error(PlaceInside(context, start, source, error.line, error.column), message);
    return nullptr;
  }
  return std::make_shared<const text::Template>(std::move(*compiled));
}

ValueTemplate ReadTemplateFile(ParseContext& context, const YamlNode& node) {
  ValueTemplate value;
  value.kind = ValueTemplate::Kind::kFile;
  value.position = context.At(node);
  YamlMap map(node, "the template file", context.file(), context.findings);
  const YamlNode* file = map.Get("file");
  if (const YamlNode* with = map.Get("with")) {
    YamlMap names(*with, "'with'", context.file(), context.findings);
    for (const auto& entry : with->entries) {
      if (!kind::IsIdentifier(entry.key.text)) {
        context.Error(entry.key, "'" + entry.key.text + "' is no name; use letters, digits and underscores");
      }
      value.fields.emplace(entry.key.text, ReadValue(context, entry.value));
    }
  }
  map.Finish();
  if (const std::string* text = UseFile(context, *file)) {
    value.text = Compile(context, *text, Position{FileKey(context, file->text), 1, 1});
  }
  return value;
}

}  // namespace

ValueTemplate ReadValue(ParseContext& context, const YamlNode& node) {
  ValueTemplate value;
  value.position = context.At(node);
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      break;
    case YamlNode::Kind::kScalar:
      if (HasBraces(node.text)) {
        value.kind = ValueTemplate::Kind::kTemplate;
        value.text = Compile(context, node.text, value.position);
      } else {
        value.literal = ToValue(node);
      }
      break;
    case YamlNode::Kind::kList:
      value.kind = ValueTemplate::Kind::kList;
      for (const auto& item : node.items) value.items.push_back(ReadValue(context, item));
      break;
    case YamlNode::Kind::kMap: {
      if (node.Find("file") != nullptr && (node.entries.size() == 1 || node.Find("with") != nullptr)) {
        return ReadTemplateFile(context, node);
      }
      value.kind = ValueTemplate::Kind::kObject;
      YamlMap map(node, "the value", context.file(), context.findings);
      for (const auto& entry : node.entries) value.fields.emplace(entry.key.text, ReadValue(context, entry.value));
      break;
    }
  }
  return value;
}

std::optional<Expression> ReadExpression(ParseContext& context, const YamlNode& node, const std::string& what) {
  if (node.kind != YamlNode::Kind::kScalar || !HasBraces(node.text)) {
    context.Error(node, what + " must be an expression, \"{{ ... }}\" in quotes, got " + Describe(node));
    return std::nullopt;
  }
  Expression expression{Compile(context, node.text, context.At(node)), context.At(node)};
  if (expression.text == nullptr) return std::nullopt;
  if (!expression.text->IsExpression()) {
    context.Error(node, what + " must be one expression, \"{{ ... }}\" with nothing around it");
    return std::nullopt;
  }
  return expression;
}

}  // namespace troupe::graph
