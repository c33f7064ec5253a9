// The matrix: whom texts are written for.
#include <algorithm>

#include "router/content/reader.h"
#include "runtime/kind/suggest.h"

namespace troupe::content {
namespace {

using kind::YamlMap;
using kind::YamlNode;

// Values of some axes; a cell that has them all is left out.
using Exclusion = std::vector<std::pair<size_t, std::string>>;

void ReadAxis(Reader& reader, const kind::YamlEntry& entry) {
  Axis axis{.name = entry.key.text};
  if (!kind::IsIdentifier(axis.name)) {
    reader.Error(entry.key, "'" + axis.name + "' is no name for an axis; use letters, digits and underscores");
  }
  const std::vector<const YamlNode*> values = Scalars(reader, entry.value, "axis '" + axis.name + "'");
  if (values.empty() && entry.value.kind == YamlNode::Kind::kList)
    reader.Error(entry.value, "axis '" + axis.name + "' has no values; list them, or remove it");
  if (values.size() > kMaxAxisValues) {
    reader.Error(entry.value, "an axis has at most " + std::to_string(kMaxAxisValues) + " values");
    return;
  }
  for (const YamlNode* value : values) {
    if (!kind::IsDnsLabel(value->text)) {
      reader.Error(*value, "'" + value->text + "' is no value for an axis; use lower-case letters, digits and hyphens");
    } else if (std::find(axis.values.begin(), axis.values.end(), value->text) != axis.values.end()) {
      reader.Error(*value, "'" + value->text + "' stands twice in axis '" + axis.name + "'; keep one of them");
    } else {
      axis.values.push_back(value->text);
    }
  }
  reader.set.axes.push_back(std::move(axis));
}

std::vector<std::string> AxisNames(const ContentSet& set) {
  std::vector<std::string> names;
  for (const Axis& axis : set.axes) names.push_back(axis.name);
  return names;
}

Exclusion ReadExclusion(Reader& reader, const YamlNode& node) {
  Exclusion exclusion;
  const YamlMap map(node, "an entry of 'exclude'", reader.file, reader.findings);
  if (map.valid() && node.entries.empty()) {
    reader.Error(node, "an entry of 'exclude' names nothing; write values of axes, for example {language: en}");
  }
  for (const auto& entry : node.entries) {
    const auto& axes = reader.set.axes;
    const auto axis = std::find_if(axes.begin(), axes.end(), [&](const Axis& a) { return a.name == entry.key.text; });
    if (axis == axes.end()) {
      reader.Error(entry.key,
                   "there is no axis '" + entry.key.text + "'" + kind::Suggest(entry.key.text, AxisNames(reader.set)));
    } else if (std::find(axis->values.begin(), axis->values.end(), entry.value.text) == axis->values.end()) {
      reader.Error(entry.value, "axis '" + axis->name + "' has no value '" + entry.value.text + "'" +
                                    kind::Suggest(entry.value.text, axis->values));
    } else {
      exclusion.emplace_back(axis - axes.begin(), entry.value.text);
    }
  }
  return exclusion;
}

bool IsLeftOut(const Cell& cell, const std::vector<Exclusion>& exclusions) {
  return std::any_of(exclusions.begin(), exclusions.end(), [&](const Exclusion& exclusion) {
    return !exclusion.empty() && std::all_of(exclusion.begin(), exclusion.end(),
                                             [&](const auto& value) { return cell[value.first] == value.second; });
  });
}

// All combinations in order, the last axis turning fastest.
std::vector<Cell> CellsOf(const std::vector<Axis>& axes, const std::vector<Exclusion>& exclusions) {
  std::vector<Cell> cells{{}};
  for (const Axis& axis : axes) {
    std::vector<Cell> longer;
    for (const Cell& cell : cells) {
      for (const std::string& value : axis.values) {
        longer.push_back(cell);
        longer.back().push_back(value);
      }
    }
    cells = std::move(longer);
  }
  std::erase_if(cells, [&](const Cell& cell) { return IsLeftOut(cell, exclusions); });
  return cells;
}

}  // namespace

void ReadMatrix(Reader& reader, const YamlNode& node) {
  YamlMap map(node, "'matrix'", reader.file, reader.findings);
  const YamlNode* axes = map.Require("axes", "name them, for example axes: {language: [en, de]}");
  const YamlNode* exclude = map.Get("exclude");
  map.Finish();
  if (axes == nullptr || !YamlMap(*axes, "'axes'", reader.file, reader.findings).valid()) return;
  if (axes->entries.size() > kMaxAxes) {
    reader.Error(*axes, "a matrix has at most " + std::to_string(kMaxAxes) + " axes");
    return;
  }
  size_t combinations = 1;
  for (const auto& entry : axes->entries) {
    ReadAxis(reader, entry);
    if (reader.set.axes.empty()) return;
    combinations *= std::max<size_t>(1, reader.set.axes.back().values.size());
    if (combinations > kMaxCells) {
      reader.Error(entry.key, "the matrix has more than " + std::to_string(kMaxCells) +
                                  " cells; take values out, or make two sets of it");
      return;
    }
  }
  std::vector<Exclusion> exclusions;
  if (exclude != nullptr && exclude->kind != YamlNode::Kind::kList) {
    reader.Error(*exclude, "'exclude' must be a list of maps such as {segment: new}, got " + Describe(*exclude));
  } else if (exclude != nullptr) {
    for (const YamlNode& item : exclude->items) exclusions.push_back(ReadExclusion(reader, item));
  }
  if (reader.findings.HasErrors()) return;
  reader.set.cells = CellsOf(reader.set.axes, exclusions);
  if (reader.set.cells.empty()) reader.Error(node, "'exclude' leaves nothing of the matrix; take an entry out");
}

}  // namespace troupe::content
