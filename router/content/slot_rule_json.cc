// Rules as they stand in manifests, and back.
#include <algorithm>

#include "router/content/slot_rule.h"

namespace troupe::content {
namespace {

Error Wrong(const std::string& what) {
  return {Code::kDataLoss, "a manifest's slot " + what + "; publish the set again"};
}

Result<SlotType> TypeFrom(const std::string& name) {
  const auto& names = SlotTypeNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return Wrong("has the type '" + name + "', which this version does not know");
  return static_cast<SlotType>(found - names.begin());
}

}  // namespace

SlotRule RuleOf(const Slot& slot, std::string_view language) {
  SlotRule rule{.name = slot.name,
                .type = slot.type,
                .fallback = slot.fallback,
                .max_length = slot.max_length,
                .choices = slot.choices,
                .hosts = slot.hosts};
  if (slot.type == SlotType::kMoney) rule.money = MoneyFormatOf(language, slot.currency);
  if (slot.type == SlotType::kDate) rule.date = DateFormatOf(language);
  return rule;
}

Value ToJson(const SlotRule& rule) {
  Value json{{"name", rule.name}, {"type", SlotTypeNames()[static_cast<size_t>(rule.type)]}, {"max", rule.max_length}};
  if (rule.fallback) json["default"] = *rule.fallback;
  if (!rule.choices.empty()) json["choices"] = rule.choices;
  if (!rule.hosts.empty()) json["hosts"] = rule.hosts;
  if (rule.type == SlotType::kMoney) {
    json["money"] = {{"decimals", rule.money.decimals},
                     {"decimal", rule.money.decimal},
                     {"group", rule.money.group},
                     {"before", rule.money.before},
                     {"after", rule.money.after}};
  }
  if (rule.type == SlotType::kDate) json["date"] = {{"pattern", rule.date.pattern}, {"months", rule.date.months}};
  return json;
}

Result<SlotRule> RuleFromJson(const Value& json) {
  // every access is of a type that the library checks; what it finds wrong ends here
  try {
    SlotRule rule;
    rule.name = json.at("name").get<std::string>();
    TRY_ASSIGN(rule.type, TypeFrom(json.at("type").get<std::string>()));
    rule.max_length = json.at("max").get<int64_t>();
    if (rule.max_length < 1 || rule.max_length > kMaxValueLength) return Wrong("has a length out of range");
    if (json.contains("default")) rule.fallback = json["default"].get<std::string>();
    rule.choices = json.value("choices", std::vector<std::string>{});
    rule.hosts = json.value("hosts", std::vector<std::string>{});
    if (rule.type == SlotType::kMoney) {
      const Value& money = json.at("money");
      rule.money = {money.at("decimals").get<int>(), money.at("decimal").get<std::string>(),
                    money.at("group").get<std::string>(), money.at("before").get<std::string>(),
                    money.at("after").get<std::string>()};
      if (rule.money.decimals != 0 && rule.money.decimals != 2) return Wrong("has an odd number of decimals");
    }
    if (rule.type == SlotType::kDate) {
      rule.date = {json.at("date").at("pattern").get<std::string>(),
                   json.at("date").at("months").get<std::vector<std::string>>()};
      if (!rule.date.months.empty() && rule.date.months.size() != 12) return Wrong("has not twelve months");
    }
    return rule;
  } catch (const Value::exception& problem) {
    return Wrong(std::string("cannot be read (") + problem.what() + ")");
  }
}

}  // namespace troupe::content
