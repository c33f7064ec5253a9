// The body of POST /v1/fill, from a stranger's JSON to a FillRequest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/content/library.h"
#include "runtime/base/error.h"

namespace troupe::content::http {

// Owns what its request points to.
class FillBody {
 public:
  FillRequest request() const { return {set_, audience_, user_, values_}; }

 private:
  friend Result<FillBody> ReadFillBody(std::string_view content_type, std::string_view body);
  std::string set_;
  std::string audience_;
  std::string user_;
  // In the order of values_, which points into it.
  std::vector<std::pair<std::string, std::string>> slots_;
  std::vector<SlotValue> values_;
};

// Slots' values are texts, numbers or booleans; "audience" is "all" where it is not said. Errors: UNIMPLEMENTED for
// another content type than JSON, INVALID_ARGUMENT for the rest.
Result<FillBody> ReadFillBody(std::string_view content_type, std::string_view body);

}  // namespace troupe::content::http
