// Private data in a text, found by its form: no model, no guess about names. Time grows with the text's length only.
// Sources: addresses as RFC 5321 writes them without quotes; phone numbers of at most 15 digits (ITU-T E.164) that
// begin with + or 0; card numbers with Luhn's check digit (ISO/IEC 7812-1); account numbers with the check digits of
// ISO 13616.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::redact {

enum class Sort { kEmail, kPhone, kCard, kIban };

std::string_view Name(Sort sort);
// Errors: INVALID_ARGUMENT, with the names there are.
Result<Sort> ReadSort(std::string_view name);

struct Finding {
  Sort sort = Sort::kEmail;
  // Bytes.
  size_t begin = 0;
  size_t end = 0;
};

// In the order of the text, none overlapping another. Where a piece may be several things it is the first of: email,
// iban, card, phone.
std::vector<Finding> FindPrivateData(std::string_view text, std::span<const Sort> sorts);

struct Redacted {
  std::string text;
  // "[email 1]" to what it stands for.
  std::map<std::string, std::string> marks;
};

// The same value has the same mark everywhere. Numbers go on after those of marks that stand in the text already.
Redacted PutMarks(std::string_view text, std::span<const Finding> findings);

}  // namespace troupe::redact
