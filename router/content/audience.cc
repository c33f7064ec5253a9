#include "router/content/audience.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include "runtime/base/value.h"
#include "runtime/kind/suggest.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::content {
namespace {

// More variants than a set may ask for, and room for those that people add.
constexpr size_t kMaxVariants = 10'000;

Error Damaged(const std::string& what) { return {Code::kDataLoss, what + "; publish the set again"}; }

std::vector<std::string> NamesOf(const std::vector<SlotRule>& rules) {
  std::vector<std::string> names;
  for (const SlotRule& rule : rules) names.push_back(rule.name);
  return names;
}

}  // namespace

Result<std::shared_ptr<const Audience>> Audience::Read(std::string_view manifest, const Objects& objects,
                                                       UseCounts* counts) {
  const auto json = ParseValue(manifest);
  if (!json) return Damaged("a manifest cannot be read: " + json.error().message);
  std::shared_ptr<Audience> audience(new Audience());
  // what has another type than a manifest's field throws, and that ends here
  try {
    TRY(audience->Take(*json, objects, counts));
  } catch (const Value::exception& problem) {
    return Damaged(std::string("a manifest is not as publishing writes it (") + problem.what() + ")");
  }
  return std::shared_ptr<const Audience>(std::move(audience));
}

Status Audience::Take(const Value& manifest, const Objects& objects, UseCounts* counts) {
  const auto set = manifest.at("set").get<std::string>();
  name_ = manifest.at("audience").get<std::string>();
  version_ = manifest.at("version").get<std::string>();
  language_ = manifest.at("language").get<std::string>();
  const auto& outputs = OutputKindNames();
  const auto output = std::find(outputs.begin(), outputs.end(), manifest.at("output").get<std::string>());
  if (output == outputs.end()) return Damaged("the manifest of '" + name_ + "' has an output of no known kind");
  output_ = static_cast<OutputKind>(output - outputs.begin());
  // these become HTTP headers, so a file that was tampered with must not choose them freely
  if (!kind::IsDnsLabel(language_) || !kind::IsDnsLabel(version_)) {
    return Damaged("the manifest of '" + name_ + "' has an odd language or version");
  }
  for (const Value& slot : manifest.at("slots")) {
    TRY_ASSIGN(SlotRule rule, RuleFromJson(slot));
    rules_.push_back(std::move(rule));
  }
  if (rules_.size() > kMaxSlots || manifest.at("variants").size() > kMaxVariants) {
    return Damaged("the manifest of '" + name_ + "' has more slots or texts than publishing writes");
  }
  bool any_weight = false;
  for (const Value& listed : manifest.at("variants")) {
    const auto digest = listed.at("object").get<std::string>();
    const std::string* object = objects(digest);
    if (object == nullptr) return Damaged("the object " + digest + " that '" + name_ + "' names is not there");
    const auto json = ParseValue(*object);
    if (!json) return Damaged("the object " + digest + " cannot be read");
    TRY_ASSIGN(Variant variant, TakeVariant(*json));
    candidates_.push_back({HashOf(set + "/" + variant.id), listed.at("weight").get<int64_t>()});
    any_weight = any_weight || candidates_.back().weight > 0;
    if (counts != nullptr) variant.counter = &counts->Of(set, name_, variant.id);
    variants_.push_back(std::move(variant));
  }
  return any_weight ? Status() : Damaged("the manifest of '" + name_ + "' has no text that could be picked");
}

Result<Audience::Variant> Audience::TakeVariant(const Value& object) const {
  Variant variant{.id = object.at("id").get<std::string>()};
  if (!kind::IsDnsLabel(variant.id)) return Damaged("an object of '" + name_ + "' has an odd id");
  std::bitset<kMaxSlots> used;
  for (const Value& part : object.at("parts")) {
    if (part.is_string()) {
      variant.pieces.push_back({.literal = part.get<std::string>()});
      variant.literal_bytes += variant.pieces.back().literal.size();
      continue;
    }
    const auto escape = EscapeFromName(part.at("as").get<std::string>());
    const int rule = RuleNamed(part.at("slot").get<std::string>());
    if (!escape || rule < 0) return Damaged("the text '" + variant.id + "' has a slot that its manifest does not know");
    used.set(static_cast<size_t>(rule));
    variant.pieces.push_back({.rule = rule, .escape = *escape});
  }
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!used.test(i)) variant.unused.push_back(i);
  }
  return variant;
}

int Audience::RuleNamed(std::string_view name) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

Result<Audience::Values> Audience::Arrange(std::span<const SlotValue> values) const {
  Values arranged;
  std::bitset<kMaxSlots> given;
  for (const SlotValue& value : values) {
    const int rule = RuleNamed(value.name);
    if (rule < 0) {
      return Invalid("there is no slot '" + std::string(value.name.substr(0, 64)) + "'" +
                     kind::Suggest(value.name.substr(0, 64), NamesOf(rules_)));
    }
    if (given.test(static_cast<size_t>(rule))) return Invalid("slot '" + rules_[rule].name + "' is given twice");
    given.set(static_cast<size_t>(rule));
    arranged[static_cast<size_t>(rule)] = value.value;
  }
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (given.test(i)) continue;
    if (!rules_[i].fallback) return Invalid("slot '" + rules_[i].name + "' has no value and no default; give one");
    arranged[i] = *rules_[i].fallback;
  }
  return arranged;
}

Result<Filled> Audience::Fill(std::string_view user, std::span<const SlotValue> values) const {
  TRY_ASSIGN(const Values arranged, Arrange(values));
  const Variant& variant = variants_[Pick(candidates_, user)];
  Filled filled{.output = output_, .language = language_, .variant = variant.id, .version = version_};
  size_t bytes = variant.literal_bytes;
  for (const Piece& piece : variant.pieces)
    bytes += piece.rule < 0 ? 0 : arranged[static_cast<size_t>(piece.rule)].size();
  filled.text.reserve(bytes + bytes / 8);
  for (const Piece& piece : variant.pieces) {
    if (piece.rule < 0) {
      filled.text.append(piece.literal);
      continue;
    }
    const auto rule = static_cast<size_t>(piece.rule);
    TRY(AppendValue(rules_[rule], arranged[rule], piece.escape, filled.text));
  }
  if (!variant.unused.empty()) {
    std::string ignored;
    for (const size_t rule : variant.unused) TRY(AppendValue(rules_[rule], arranged[rule], Escape::kNone, ignored));
  }
  if (variant.counter != nullptr) variant.counter->Add();
  return filled;
}

}  // namespace troupe::content
