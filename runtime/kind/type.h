// The types that lint checks and callers are held to: what a kind takes and gives, what a graph's input is.
// A small subset of JSON Schema: enough to know before anything runs whether `steps.a.b` exists and what it is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::kind {

struct Field;

struct Type {
  enum class Kind { kAny, kString, kInteger, kNumber, kBoolean, kList, kObject };
  Kind kind = Kind::kAny;
  // The value may be none: a skipped step's output, an optional field.
  bool nullable = false;
  // kList: the elements' type; never null there.
  std::shared_ptr<const Type> item;
  // kObject: its fields in the order declared. An object without fields may hold anything.
  std::vector<Field> fields;
  // kString: allowed values; empty for all.
  std::vector<std::string> choices;
  // kString: characters (code points) at most; 0 for no limit.
  int64_t max_length = 0;
  std::optional<double> minimum;
  std::optional<double> maximum;

  const Field* Find(const std::string& name) const;
};

struct Field {
  std::string name;
  Type type;
  bool required = true;
  // Used where the field is missing; null for none.
  Value default_value;
  std::string doc;
  // One person's alone: what is made of it is given to nobody else.
  bool is_private = false;
};

// "string", "[integer]", "object {label: string, score: number}": for messages.
std::string ToString(const Type& type);

// The value with defaults filled in, or INVALID_ARGUMENT naming the field: "input.message: must be a string, got 3".
// `where` begins the field's name.
Result<Value> Conform(const Type& type, Value value, const std::string& where);

// The type of the values that a JSON Schema (draft 2020-12 subset) describes.
Result<Type> FromJsonSchema(const Value& schema);

}  // namespace troupe::kind
