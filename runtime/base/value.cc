#include "runtime/base/value.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {
namespace {

// Letters, digits and the like: no byte that JSON escapes, none beyond ASCII.
bool IsPlain(const std::string& text) {
  unsigned char odd = 0;
  for (const unsigned char c : text)
    odd |= static_cast<unsigned char>((c < 0x20) | (c == '"') | (c == '\\') | (c >= 0x80));
  return odd == 0;
}

// What value.dump gives, several times as fast for what most values are: objects, lists and plain texts. It runs for
// every value of every record.
void Append(const Value& value, std::string& out) {
  const auto text = [&out](const std::string& plain_or_not) {
    if (IsPlain(plain_or_not)) {
      out.append(1, '"').append(plain_or_not).append(1, '"');
    } else {
      out += Value(plain_or_not).dump(-1, ' ', false, Value::error_handler_t::replace);
    }
  };
  switch (value.type()) {
    case Value::value_t::string:
      return text(value.get_ref<const std::string&>());
    case Value::value_t::object: {
      char separator = '{';
      for (const auto& [key, member] : value.get_ref<const Value::object_t&>()) {
        out += std::exchange(separator, ',');
        text(key);
        out += ':';
        Append(member, out);
      }
      out += separator == '{' ? "{}" : "}";
      return;
    }
    case Value::value_t::array: {
      char separator = '[';
      for (const Value& item : value.get_ref<const Value::array_t&>()) {
        out += std::exchange(separator, ',');
        Append(item, out);
      }
      out += separator == '[' ? "[]" : "]";
      return;
    }
    default:
      out += value.dump();
  }
}

// False for what is too deep and for a key that stands twice.
bool Take(simdjson::dom::element element, int depth_left, Value& out) {
  using Type = simdjson::dom::element_type;
  const bool is_container = element.type() == Type::ARRAY || element.type() == Type::OBJECT;
  if (is_container && depth_left == 0) return false;
  switch (element.type()) {
    case Type::ARRAY: {
      const simdjson::dom::array items = element.get_array().value_unsafe();
      auto& list = (out = Value::array()).get_ref<Value::array_t&>();
      list.resize(items.size());
      size_t i = 0;
      for (const simdjson::dom::element item : items) {
        if (i == list.size() || !Take(item, depth_left - 1, list[i++])) return false;
      }
      return i == list.size();
    }
    case Type::OBJECT: {
      const simdjson::dom::object given = element.get_object().value_unsafe();
      auto& members = (out = Value::object()).get_ref<Value::object_t&>();
      for (const simdjson::dom::key_value_pair member : given) {
        // canonical JSON comes sorted: each key belongs at the end
        const size_t before = members.size();
        const auto place = members.emplace_hint(members.end(), std::string(member.key), nullptr);
        if (members.size() == before || !Take(member.value, depth_left - 1, place->second)) return false;
      }
      return true;
    }
    case Type::INT64: {
      const int64_t number = element.get_int64().value_unsafe();
      out = number < 0 ? Value(number) : Value(static_cast<uint64_t>(number));
      return true;
    }
    case Type::UINT64:
      out = element.get_uint64().value_unsafe();
      return true;
    case Type::DOUBLE:
      out = element.get_double().value_unsafe();
      return true;
    case Type::STRING:
      out = std::string(element.get_string().value_unsafe());
      return true;
    case Type::BOOL:
      out = element.get_bool().value_unsafe();
      return true;
    case Type::NULL_VALUE:
      out = nullptr;
      return true;
  }
  return false;
}

// What nearly every text is: right, and within the limits. Nothing where it is not; then the slow parser says why.
std::optional<Value> ParseRight(std::string_view json, int max_depth) {
  constexpr size_t kUsualBytes = 64u << 10;
  // kept, because a parser's buffers cost more than a small text; a large text's are let go of
  thread_local simdjson::dom::parser usual;
  std::optional<simdjson::dom::parser> large;
  simdjson::dom::parser& parser = json.size() <= kUsualBytes ? usual : large.emplace();
  // simdjson's own bound is one short, and only keeps its stack in hand
  const auto bound = static_cast<size_t>(max_depth) + 1;
  if (parser.max_depth() != bound &&
      parser.allocate(std::max(json.size(), parser.capacity()), bound) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  std::optional<Value> value(std::in_place);
  if (!Take(root, max_depth, *value)) value.reset();
  return value;
}

// Builds the value as the parser reads on, and stops it at the first thing that is too deep or stands twice.
class Builder {
 public:
  explicit Builder(int max_depth) : max_depth_(max_depth) {}

  bool null() { return Add(nullptr); }
  bool boolean(bool value) { return Add(value); }
  bool number_integer(int64_t value) { return Add(value); }
  bool number_unsigned(uint64_t value) { return Add(value); }
  bool number_float(double value, const std::string&) { return Add(value); }
  bool string(std::string& value) { return Add(std::move(value)); }
  bool binary(Value::binary_t&) { return false; }  // JSON has none
  bool start_object(size_t) { return Open(Value::object()); }
  bool start_array(size_t) { return Open(Value::array()); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(std::string& name) {
    auto [place, fresh] = open_.back()->get_ref<Value::object_t&>().try_emplace(std::move(name));
    if (!fresh) problem_ = "the key \"" + place->first + "\" stands twice in one JSON object";
    member_ = &place->second;
    return fresh;
  }
  bool parse_error(size_t, const std::string&, const Value::exception& error) {
    problem_ = std::string("not valid JSON: ") + error.what();
    return false;
  }

  const std::string& problem() const { return problem_; }
  Value& value() { return root_; }

 private:
  // Where the next value goes: the root, the member just named, or the end of the list. Pointers into open containers
  // stay right, because only the innermost one grows.
  Value* Place(Value value) {
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_object()) return &(*member_ = std::move(value));
    auto& list = open_.back()->get_ref<Value::array_t&>();
    list.push_back(std::move(value));
    return &list.back();
  }
  bool Add(Value value) {
    Place(std::move(value));
    return true;
  }
  bool Open(Value container) {
    if (static_cast<int>(open_.size()) >= max_depth_) {
      problem_ = "JSON nested deeper than " + std::to_string(max_depth_) + " levels";
      return false;
    }
    open_.push_back(Place(std::move(container)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  const int max_depth_;
  Value root_;
  std::vector<Value*> open_;
  Value* member_ = nullptr;
  std::string problem_;
};

}  // namespace

Result<Value> ParseValue(std::string_view json, const ValueLimits& limits) {
  if (json.size() > limits.max_bytes) {
    return Invalid("JSON of " + std::to_string(json.size()) + " bytes; the limit is " +
                   std::to_string(limits.max_bytes));
  }
  if (std::optional<Value> value = ParseRight(json, limits.max_depth)) return std::move(*value);
  Builder builder(limits.max_depth);
  try {
    if (Value::sax_parse(json.begin(), json.end(), &builder)) return std::move(builder.value());
  } catch (const Value::exception& e) {
    return Invalid(std::string("not valid JSON: ") + e.what());
  }
  return Invalid(builder.problem());
}

std::string Dump(const Value& value) {
  std::string out;
  Append(value, out);
  return out;
}

}  // namespace troupe
