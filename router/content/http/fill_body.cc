#include "router/content/http/fill_body.h"

#include "runtime/base/value.h"
#include "runtime/kind/suggest.h"

namespace troupe::content::http {
namespace {

bool IsJson(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return type == "application/json";
}

Status TakeText(const Value& json, const std::string& key, std::string& out) {
  if (!json.is_string()) return Invalid("'" + key + "' must be a text");
  out = json.get_ref<const std::string&>();
  return {};
}

}  // namespace

Result<FillBody> ReadFillBody(std::string_view content_type, std::string_view body) {
  if (!IsJson(content_type)) {
    return Error{Code::kUnimplemented, "the body must be JSON; say Content-Type: application/json"};
  }
  TRY_ASSIGN(const Value json, ParseValue(body, {.max_bytes = 1u << 20, .max_depth = 4}));
  if (!json.is_object()) return Invalid("the body must be an object with 'set', 'audience', 'user' and 'slots'");
  FillBody fill;
  fill.audience_ = "all";
  for (const auto& [key, value] : json.items()) {
    if (key == "set") {
      TRY(TakeText(value, key, fill.set_));
    } else if (key == "audience") {
      TRY(TakeText(value, key, fill.audience_));
    } else if (key == "user") {
      TRY(TakeText(value, key, fill.user_));
    } else if (key == "slots") {
      if (!value.is_object()) return Invalid("'slots' must be an object of names and values");
      for (const auto& [slot, given] : value.items()) {
        if (!given.is_primitive() || given.is_null()) {
          return Invalid("slot '" + slot.substr(0, 64) + "' must be a text, a number or a boolean");
        }
        fill.slots_.emplace_back(slot, given.is_string() ? given.get_ref<const std::string&>() : Dump(given));
      }
    } else {
      return Invalid("unknown field '" + key.substr(0, 64) + "'" +
                     kind::Suggest(key.substr(0, 64), {"set", "audience", "user", "slots"}));
    }
  }
  if (fill.set_.empty()) return Invalid("'set' is missing; name the set");
  fill.values_.reserve(fill.slots_.size());
  for (const auto& [name, value] : fill.slots_) fill.values_.push_back({name, value});
  return fill;
}

}  // namespace troupe::content::http
