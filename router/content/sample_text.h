// A text as somebody would get it, with made-up values in its slots: for people who review. Pure.
#pragma once

#include <string>
#include <vector>

#include "router/content/content_set.h"

namespace troupe::content {

struct SamplePiece {
  std::string text;
  // A slot's value and not what was written.
  bool is_value = false;
};

// A text that cannot be filled in is one piece, as it was written.
std::vector<SamplePiece> SampleOf(const ContentSet& set, const Text& text);

}  // namespace troupe::content
