// One audience's texts, ready to be filled in: a manifest and its objects, read once. Immutable, so threads share it;
// what it counts goes to counters that live longer.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/content/escape.h"
#include "router/content/pick.h"
#include "router/content/slot_rule.h"
#include "router/content/use_counts.h"
#include "runtime/base/error.h"

namespace troupe::content {

struct SlotValue {
  std::string_view name;
  std::string_view value;
};

struct Filled {
  std::string text;
  OutputKind output = OutputKind::kText;
  std::string language;
  // The text that was picked, and what it was published in.
  std::string variant;
  std::string version;
};

class Audience {
 public:
  // The bytes of an object by its digest; null where there is none.
  using Objects = std::function<const std::string*(const std::string& digest)>;

  // `counts` may be null; else it outlives this. Errors: DATA_LOSS for a manifest or an object that is missing or that
  // no publishing wrote.
  static Result<std::shared_ptr<const Audience>> Read(std::string_view manifest, const Objects& objects,
                                                      UseCounts* counts);

  // Picks by the user's key and fills in. Whether a request is refused does not depend on the pick: all values are
  // looked at, and all slots without a default must have one. Errors: INVALID_ARGUMENT naming the slot.
  Result<Filled> Fill(std::string_view user, std::span<const SlotValue> values) const;

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }

 private:
  struct Piece {
    std::string literal;
    // Of rules_; -1 for a literal.
    int rule = -1;
    Escape escape = Escape::kNone;
  };
  struct Variant {
    std::string id;
    std::vector<Piece> pieces;
    size_t literal_bytes = 0;
    // Rules that it has no slot of; their values are only checked.
    std::vector<size_t> unused;
    UseCounter* counter = nullptr;
  };
  // The value of each rule, by index: what was given, else its default.
  using Values = std::array<std::string_view, kMaxSlots>;

  Audience() = default;
  Status Take(const Value& manifest, const Objects& objects, UseCounts* counts);
  Result<Variant> TakeVariant(const Value& object) const;
  Result<Values> Arrange(std::span<const SlotValue> values) const;
  int RuleNamed(std::string_view name) const;

  std::string name_;
  std::string version_;
  std::string language_;
  OutputKind output_ = OutputKind::kText;
  std::vector<SlotRule> rules_;
  std::vector<Variant> variants_;
  std::vector<Candidate> candidates_;
};

}  // namespace troupe::content
