// The file of texts: what was written so far, and what people decided on it.
#include <algorithm>
#include <set>

#include "router/content/reader.h"
#include "router/content/template_text.h"
#include "runtime/kind/header.h"
#include "runtime/kind/suggest.h"

namespace troupe::content {
namespace {

using kind::YamlMap;
using kind::YamlNode;

std::string Shown(const ContentSet& set) {
  std::string text;
  for (const Axis& axis : set.axes) text += (text.empty() ? "" : ", ") + axis.name + ": ...";
  return "{" + text + "}";
}

// The value of every axis, which together are one of `cells`.
void ReadCell(Reader& reader, YamlMap& map, const std::set<Cell>& cells, Text& text) {
  const auto& axes = reader.set.axes;
  const YamlNode* node = axes.empty() ? map.Get("for") : map.Require("for", "say whom it is for: " + Shown(reader.set));
  if (node == nullptr) return;
  YamlMap cell(*node, "'for' of text '" + text.id + "'", reader.file, reader.findings);
  bool whole = cell.valid();
  for (const Axis& axis : axes) {
    const YamlNode* value = cell.Require(axis.name, "write the value of every axis");
    const bool known =
        value != nullptr && std::find(axis.values.begin(), axis.values.end(), value->text) != axis.values.end();
    if (value != nullptr && !known) {
      reader.Error(*value, "axis '" + axis.name + "' has no value '" + value->text + "'" +
                               kind::Suggest(value->text, axis.values));
    }
    whole = whole && known;
    text.cell.push_back(value == nullptr ? "" : value->text);
  }
  cell.Finish();
  if (whole && !cells.contains(text.cell)) {
    reader.Error(*node,
                 "'exclude' leaves " + AudienceName(text.cell) + " out of the matrix; remove the text or the entry");
  }
}

// 'slots' says again what the text shows, for programs that do not read texts; it must agree.
void CheckSlotList(Reader& reader, const YamlNode& node, const Text& text) {
  std::set<std::string> said;
  for (const YamlNode* item : Scalars(reader, node, "'slots'")) said.insert(item->text);
  const auto segments = ParseTemplate(text.text, ClosingBraces::kAllowed);
  // a text that cannot be read is reported by the checks
  if (!segments) return;
  const std::vector<std::string> there = SlotsIn(*segments);
  if (said != std::set<std::string>(there.begin(), there.end())) {
    reader.Error(
        node, "'slots' of text '" + text.id + "' are not those of the text itself; correct the list, or leave it out");
  }
}

Text ReadText(Reader& reader, const std::set<Cell>& cells, const YamlNode& node) {
  YamlMap map(node, "a text", reader.file, reader.findings);
  Text text{.position = PositionOf(node)};
  if (const YamlNode* id = map.Require("id", "give it a name of its own, for example id: t1")) {
    text.id = id->text;
    if (!kind::IsDnsLabel(text.id)) {
      reader.Error(*id, "'" + text.id + "' is no id; use lower-case letters, digits and hyphens, at most 63");
    }
  }
  ReadCell(reader, map, cells, text);
  const YamlNode* body = map.Require("text", "write it there");
  if (body != nullptr && body->kind != YamlNode::Kind::kScalar) {
    reader.Error(*body, "'text' must be a text, got " + Describe(*body));
  } else if (body != nullptr) {
    text.text = body->text;
    text.position = PositionOf(*body);
  }
  text.weight = map.Integer("weight", 0, kMaxWeight).value_or(1);
  text.state = static_cast<TextState>(map.Choice("state", TextStateNames()).value_or(0));
  text.writer = map.String("writer").value_or("");
  text.reviewer = map.String("reviewer").value_or("");
  text.reviewed = map.String("reviewed").value_or("");
  text.note = map.String("note").value_or("");
  if (const YamlNode* slots = map.Get("slots")) CheckSlotList(reader, *slots, text);
  map.Finish();
  return text;
}

}  // namespace

void ReadTexts(Reader& reader, const YamlNode& root) {
  YamlMap map(root, "the file of texts", reader.file, reader.findings);
  kind::CheckKind(map, "ContentTexts", reader.file, reader.findings);
  const std::string name = kind::ReadName(map, "set", reader.file, reader.findings);
  if (!name.empty() && name != reader.set.name) {
    reader.Error(root, "these are texts of '" + name + "', not of '" + reader.set.name + "'; correct metadata.name");
  }
  if (const YamlNode* spec = map.Require("spec", "list the texts there")) {
    YamlMap keys(*spec, "'spec'", reader.file, reader.findings);
    const YamlNode* texts = keys.Require("texts", "list them there; an empty list is [ ]");
    keys.Finish();
    if (texts != nullptr && texts->kind != YamlNode::Kind::kList) {
      reader.Error(*texts, "'texts' must be a list, got " + Describe(*texts));
    } else if (texts != nullptr) {
      const std::set<Cell> cells(reader.set.cells.begin(), reader.set.cells.end());
      std::set<std::string> ids;
      for (const YamlNode& item : texts->items) {
        reader.set.texts.push_back(ReadText(reader, cells, item));
        const std::string& id = reader.set.texts.back().id;
        if (!id.empty() && !ids.insert(id).second) {
          reader.Error(item, "the id '" + id + "' stands twice; give one of the texts another");
        }
      }
    }
  }
  map.Finish();
}

}  // namespace troupe::content
