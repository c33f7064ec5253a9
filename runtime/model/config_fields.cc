#include "runtime/model/config_fields.h"

#include <cmath>

namespace troupe::model {

const Value* Fields::Find(const char* name) const {
  known_.insert(name);
  const auto found = json_.find(name);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

Result<int64_t> Fields::Int(const char* name) const {
  const Value* value = Find(name);
  if (value == nullptr) return Invalid(where_ + ": \"" + name + "\" is missing");
  if (!value->is_number_integer()) return Wrong(name, "an integer");
  if (value->is_number_unsigned() && value->get<uint64_t>() > uint64_t{1} << 62) return Wrong(name, "in range");
  return value->get<int64_t>();
}

Result<int64_t> Fields::IntOr(const char* name, int64_t otherwise) const {
  return Find(name) == nullptr ? Result<int64_t>(otherwise) : Int(name);
}

Result<double> Fields::NumberOr(const char* name, double otherwise) const {
  const Value* value = Find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_number() || !std::isfinite(value->get<double>())) return Wrong(name, "a number");
  return value->get<double>();
}

Result<bool> Fields::BoolOr(const char* name, bool otherwise) const {
  const Value* value = Find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) return Wrong(name, "a bool");
  return value->get<bool>();
}

Result<std::string> Fields::StringOr(const char* name, std::string otherwise) const {
  const Value* value = Find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) return Wrong(name, "a string");
  return value->get<std::string>();
}

Result<std::vector<double>> Fields::Numbers(const char* name) const {
  std::vector<double> numbers;
  const Value* value = Find(name);
  if (value == nullptr) return numbers;
  if (!value->is_array()) return Wrong(name, "a list of numbers");
  for (const Value& number : *value) {
    if (!number.is_number() || !std::isfinite(number.get<double>())) return Wrong(name, "a list of numbers");
    numbers.push_back(number.get<double>());
  }
  return numbers;
}

Status Fields::Only(const char* name, const Value& supported) const {
  const Value* value = Find(name);
  if (value == nullptr || *value == supported) return {};
  return Unsupported(name, *value, "only " + Dump(supported) + " is");
}

Error Fields::Unsupported(const char* name, const Value& value, std::string_view supported) const {
  return Error{Code::kUnimplemented, where_ + ": \"" + name + "\" is " + Dump(value).substr(0, 200) +
                                         ", which is not supported; " + std::string(supported)};
}

void Fields::Ignore(std::span<const std::string_view> names) const { known_.insert(names.begin(), names.end()); }

Status Fields::CheckAllKnown(std::string_view what) const {
  for (const auto& [name, value] : json_.items()) {
    if (known_.contains(name) || value.is_null() || value == false) continue;
    if (value.is_structured() && value.empty()) continue;
    return Error{Code::kUnimplemented, where_ + ": \"" + name.substr(0, 128) + "\" is " + Dump(value).substr(0, 200) +
                                           ", and " + std::string(what) + " is not known here to have such a field: " +
                                           "take it out if it changes nothing in what the model computes"};
  }
  return {};
}

Error Fields::Wrong(const char* name, std::string_view wanted) const {
  return Invalid(where_ + ": \"" + name + "\" is not " + std::string(wanted));
}

}  // namespace troupe::model
