// What a person decides on texts that were made: accept, reject, put in other words. Only accepted texts are published,
// so a text with something wrong cannot be accepted. Pure; time and name are handed in.
#pragma once

#include <string>

#include "router/content/content_set.h"
#include "runtime/base/error.h"

namespace troupe::content {

struct Reviewer {
  std::string name;
  // "2026-11-29 08:51:07 UTC".
  std::string time;
  // Why, in that person's words; may be empty.
  std::string note;
};

// Errors: NOT_FOUND naming the id.
Result<Text*> FindText(ContentSet& set, const std::string& id);

// Errors: NOT_FOUND; FAILED_PRECONDITION with what is wrong with a text that is to be accepted. The set is then as it
// was.
Status Accept(ContentSet& set, const std::string& id, const Reviewer& reviewer);
// What the person wrote is accepted with it. Errors: likewise, and where the text is not `before` any more.
Status Edit(ContentSet& set, const std::string& id, const std::string& before, const std::string& after,
            const Reviewer& reviewer);
Status Reject(ContentSet& set, const std::string& id, const Reviewer& reviewer);
// All proposed texts with nothing wrong; how many.
int64_t AcceptAllPassing(ContentSet& set, const Reviewer& reviewer);

}  // namespace troupe::content
