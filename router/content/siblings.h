// The texts of one cell, for telling that a further one says the same again. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/content/text_likeness.h"

namespace troupe::content {

class Siblings {
 public:
  // `similarity`: how alike two may be at most (Checks::similarity).
  explicit Siblings(double similarity) : similarity_(similarity) {}

  // What is wrong with a text of that wording: the first sibling that it is too much like.
  std::optional<std::string> TooAlike(const Wording& wording) const;
  void Add(std::string id, Wording wording) { siblings_.emplace_back(std::move(id), std::move(wording)); }

 private:
  double similarity_;
  std::vector<std::pair<std::string, Wording>> siblings_;
};

}  // namespace troupe::content
