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

// What is wrong with each text of a set, by itself and against those of its cell that stand before it; rejected ones
// are not looked at.
std::vector<std::vector<std::string>> ProblemsOf(const ContentSet& set);

// All texts of a set. What is wrong with an accepted text is an error, with a proposed one a warning.
void CheckTexts(const ContentSet& set, const std::string& file, kind::Findings& findings);

}  // namespace troupe::content
