// Slots: what may be filled in, and what it must look like.
#include <algorithm>

#include "router/content/reader.h"
#include "router/content/slot_rule.h"

namespace troupe::content {
namespace {

using kind::YamlMap;
using kind::YamlNode;

int64_t UsualLength(SlotType type) {
  switch (type) {
    case SlotType::kName:
    case SlotType::kCity:
      return 60;
    case SlotType::kUrl:
      return 1000;
    case SlotType::kText:
      return 200;
    default:
      return 40;
  }
}

// A key that only slots of one type have.
const YamlNode* OnlyOf(Reader& reader, YamlMap& map, const Slot& slot, const char* key, SlotType type) {
  const YamlNode* node = map.Get(key);
  if (node == nullptr || slot.type == type) return node;
  const std::string wanted = SlotTypeNames()[static_cast<size_t>(type)];
  reader.Error(*node, std::string("'") + key + "' belongs to slots of type " + wanted + ", and '" + slot.name +
                          "' is none; remove it, or write type: " + wanted);
  return nullptr;
}

void ReadChoices(Reader& reader, YamlMap& map, Slot& slot) {
  const YamlNode* node = OnlyOf(reader, map, slot, "choices", SlotType::kChoice);
  if (node == nullptr) {
    if (slot.type == SlotType::kChoice) {
      map.Missing("choices", map.what() + " has no 'choices'; list them, for example choices: [red, blue]");
    }
    return;
  }
  for (const YamlNode* item : Scalars(reader, *node, "'choices'")) slot.choices.push_back(item->text);
  if (slot.choices.empty()) reader.Error(*node, "'choices' is empty; list at least one");
}

void ReadCurrency(Reader& reader, YamlMap& map, Slot& slot) {
  const YamlNode* node = OnlyOf(reader, map, slot, "currency", SlotType::kMoney);
  if (node == nullptr) {
    if (slot.type == SlotType::kMoney) {
      map.Missing("currency", map.what() + " has no 'currency'; write its ISO code, for example currency: EUR");
    }
    return;
  }
  slot.currency = node->text;
  const bool is_code = slot.currency.size() == 3 && std::all_of(slot.currency.begin(), slot.currency.end(),
                                                                [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!is_code) reader.Error(*node, "'currency' must be three capital letters such as EUR, got " + Describe(*node));
}

void ReadHosts(Reader& reader, YamlMap& map, Slot& slot) {
  const YamlNode* node = OnlyOf(reader, map, slot, "hosts", SlotType::kUrl);
  if (node == nullptr) return;
  for (const YamlNode* item : Scalars(reader, *node, "'hosts'")) slot.hosts.push_back(item->text);
  if (slot.hosts.empty()) reader.Error(*node, "'hosts' is empty; list the hosts, or leave it out for any");
}

// A default must be what the slot takes; in a choice it is one of them, and so on.
void ReadDefault(Reader& reader, YamlMap& map, Slot& slot) {
  const YamlNode* node = map.Get("default");
  const std::optional<bool> required = map.Boolean("required");
  if (node == nullptr) {
    if (required && !*required) {
      map.Missing("default", map.what() + " is not required, so it needs a 'default'; write one, \"\" for a text");
    }
    return;
  }
  if (required && *required) reader.Error(*node, "a required slot takes no 'default'; remove one of the two");
  if (node->kind != YamlNode::Kind::kScalar) {
    reader.Error(*node, "'default' must be a text, got " + Describe(*node));
    return;
  }
  slot.fallback = node->text;
  std::string ignored;
  const auto taken = AppendValue(RuleOf(slot, "en"), node->text, Escape::kNone, ignored);
  if (!taken && reader.findings.errors() == 0) reader.Error(*node, "the default of " + taken.error().message);
}

void ReadSlot(Reader& reader, const kind::YamlEntry& entry) {
  YamlMap map(entry.value, "slot '" + entry.key.text + "'", reader.file, reader.findings);
  Slot slot{.name = entry.key.text};
  if (!kind::IsIdentifier(slot.name)) {
    reader.Error(entry.key, "'" + slot.name + "' is no name for a slot; use letters, digits and underscores");
  }
  if (map.Require("type", "say what it takes, for example type: name") != nullptr) {
    slot.type = static_cast<SlotType>(map.Choice("type", SlotTypeNames()).value_or(static_cast<size_t>(slot.type)));
  }
  slot.max_length = map.Integer("maxLength", 1, kMaxValueLength).value_or(UsualLength(slot.type));
  ReadChoices(reader, map, slot);
  ReadCurrency(reader, map, slot);
  ReadHosts(reader, map, slot);
  ReadDefault(reader, map, slot);
  map.Finish();
  reader.set.slots.push_back(std::move(slot));
}

}  // namespace

void ReadSlots(Reader& reader, const YamlNode& node) {
  const YamlMap map(node, "'slots'", reader.file, reader.findings);
  if (!map.valid()) return;
  if (node.entries.size() > kMaxSlots) {
    reader.Error(node, "a set has at most " + std::to_string(kMaxSlots) + " slots");
    return;
  }
  for (const auto& entry : node.entries) ReadSlot(reader, entry);
}

}  // namespace troupe::content
