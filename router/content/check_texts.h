// Whether texts keep to their set's checks: for lint, for `make`, which asks again where one does not, and for
// publishing. Pure.
#pragma once

#include <string>
#include <vector>

#include "router/content/content_set.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::content {

// What is wrong with one text by itself; empty where nothing is.
std::vector<std::string> CheckText(const ContentSet& set, const Text& text);

// All texts of a set, each by itself and against the others of its cell. What is wrong with an accepted text is an
// error, with a proposed one a warning; rejected ones are not looked at.
void CheckTexts(const ContentSet& set, const std::string& file, kind::Findings& findings);

}  // namespace troupe::content
