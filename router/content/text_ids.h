// What texts that are made are called: "loyal-en-2" is the second for loyal.en. A name follows from cell and number
// alone, so a job that is run again knows what it has made. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/content/content_set.h"

namespace troupe::content {

class TextIds {
 public:
  explicit TextIds(const ContentSet& set);

  // `cell` by its place in the set; numbers from 1.
  std::string Of(size_t cell, int64_t number) const;
  // The number in an id of that cell; 0 where it is somebody's own.
  int64_t NumberIn(size_t cell, const std::string& id) const;

 private:
  std::vector<std::string> stems_;
};

// By cell, in the matrix' order; within one, people's own first, then by number. So the order does not tell in which
// one texts came.
void SortTexts(ContentSet& set);

}  // namespace troupe::content
