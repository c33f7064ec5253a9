// All texts of a set on one HTML page, for people to read before they decide. Texts come from a model and are taken for
// hostile: each is shown as its source, escaped, and the page allows itself neither scripts nor anything from outside
// (Content-Security-Policy). Pure.
#pragma once

#include <string>

#include "router/content/content_set.h"

namespace troupe::content {

// `file`: how the set is named in the commands that the page shows.
std::string ReviewPage(const ContentSet& set, const std::string& file);

}  // namespace troupe::content
