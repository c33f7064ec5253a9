// What texts must keep to.
#include "router/content/reader.h"

namespace troupe::content {
namespace {

using kind::YamlMap;
using kind::YamlNode;

void ReadUses(Reader& reader, const YamlNode& node) {
  YamlMap map(node, "'slots' of 'checks'", reader.file, reader.findings);
  for (Slot& slot : reader.set.slots) {
    slot.use = static_cast<SlotUse>(map.Choice(slot.name, SlotUseNames()).value_or(static_cast<size_t>(slot.use)));
  }
  map.Finish();
}

void ReadLength(Reader& reader, const YamlNode& node) {
  YamlMap map(node, "'length'", reader.file, reader.findings);
  Checks& checks = reader.set.checks;
  checks.min_length = map.Integer("min", 0, kMaxTextBytes).value_or(1);
  checks.max_length = map.Integer("max", 1, kMaxTextBytes).value_or(0);
  map.Finish();
  if (checks.max_length > 0 && checks.min_length > checks.max_length) {
    reader.Error(node, "'min' is above 'max'; no text could be right");
  }
}

}  // namespace

void ReadChecks(Reader& reader, const YamlNode& node) {
  YamlMap map(node, "'checks'", reader.file, reader.findings);
  Checks& checks = reader.set.checks;
  if (const YamlNode* length = map.Get("length")) ReadLength(reader, *length);
  if (const YamlNode* banned = map.Get("banned")) {
    for (const YamlNode* word : Scalars(reader, *banned, "'banned'")) {
      checks.banned.push_back(word->text);
      if (word->text.empty()) reader.Error(*word, "a banned word is empty; every text would have it");
    }
  }
  if (const YamlNode* slots = map.Get("slots")) ReadUses(reader, *slots);
  checks.similarity = map.Number("similarity", 0.0, 1.0).value_or(1.0);
  checks.language = map.Boolean("language").value_or(false);
  map.Finish();
}

}  // namespace troupe::content
