// A set's file of texts as it is written: by `make`, which adds to it, and by reviews, which decide. Several may do so
// at the same time: each change reads what is there, under a lock, and puts the file in its place whole.
#pragma once

#include <functional>
#include <string>

#include "router/content/content_set.h"
#include "runtime/base/error.h"

namespace troupe::content {

// The texts of the set as YAML, in the order of SortTexts. Reading it gives the same texts. Pure.
std::string TextsYaml(ContentSet set);

// Reads the set at `path`, lets `change` change its texts and writes them, where they are others then; the set as it
// is afterwards. A set with a writer may have no file of texts yet; it is made. What people wrote into it as comments
// is lost. Errors: those of reading (INVALID_ARGUMENT) and writing; FAILED_PRECONDITION where the set names no file of
// texts; what `change` says, and nothing is written then.
Result<ContentSet> ChangeTexts(const std::string& path, const std::function<Status(ContentSet&)>& change);

}  // namespace troupe::content
