// Takes a list apart: items after markers ("- ", "2. ", "(b) "), items numbered within a line ("1) this 2) that"),
// lines, or what stands between separators. Pure, linear in the text's size; the same text always gives the same items.
//
// Items tile the text: the first begins at 0, each begins where the one before ends, the last ends at the end. What
// stands before a list's first marker, or after its last item, is an item of its own, so nothing is lost.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/decompose/decompose.h"

namespace troupe::decompose {

struct ListOptions {
  // What stands between items; empty: found out from the text (markers, else numbers within a line, else lines).
  std::string separator;
  // Items at most; the rest is joined to the last one.
  int max_items = 8;
};

struct ListItem {
  // Bytes [begin, end) of the text that it stands for, marker, separator and blanks included.
  Span whole;
  // Of that, what it hands on. Never blank.
  Span text;

  bool operator==(const ListItem&) const = default;
};

// A blank text has no items.
std::vector<ListItem> SplitList(std::string_view text, const ListOptions& options);

// The items as stretches to embed, for Choose: one way through, no cut left out. At most options.max_span_bytes of
// each.
Candidates ItemCandidates(std::string_view text, const std::vector<ListItem>& items, const Options& options);

}  // namespace troupe::decompose
