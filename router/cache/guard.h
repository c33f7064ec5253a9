// Whether two questions may share an answer. Vectors of "my card was charged" and "my card was not charged" lie close
// together, so a cache that goes by them alone gives wrong answers. The guard asks that polarity, numbers, dates,
// money, names and codes agree, that neither says the opposite of the other, and that words which only one of them has
// can be explained. It fails closed: what it cannot judge does not pass. It knows English; its lists are in words/.
//
// Pure, deterministic, linear in the texts: any text may come, of any length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "router/cache/guard_reading.h"

namespace troupe::cache {

enum class GuardCheck : uint8_t {
  kNone,      // all passed
  kReadable,  // a text cannot be judged
  kPolarity,  // not, never, without, except, only
  kNumbers,
  kDates,
  kMoney,
  kNames,
  kCodes,
  kOrder,      // the same facts or words, in another order where order matters
  kOpposites,  // allow and deny, first and last, debit and credit
  kDirection,  // from and to
  kWords,      // a word in place of another one, and no list says that they mean the same
};

// "polarity" and so on, as people read it.
std::string_view CheckName(GuardCheck check);

struct GuardVerdict {
  // The check that spoke against; kNone where the texts may share an answer.
  GuardCheck check = GuardCheck::kNone;
  // What the two texts say where they differ: "5 GBP" and "50 GBP"; for kReadable the reason.
  std::string left, right;

  bool passes() const { return check == GuardCheck::kNone; }
};

// "numbers: '2 week' here, '3 week' there"; "passes".
std::string ToString(const GuardVerdict& verdict);

GuardVerdict Compare(const Reading& left, const Reading& right);
// Of texts that were not read yet.
GuardVerdict Compare(std::string_view left, std::string_view right);

}  // namespace troupe::cache
