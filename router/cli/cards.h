// Which of this machine's GPUs each process stands on: where there are several of a product, or several agents on one.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/memory_share.h"

namespace troupe::cli {

struct Card {
  // As in the label nvidia.com/gpu.product.
  std::string product;
  int64_t memory_bytes = 0;
};

struct CardUser {
  std::string name;
  // Products, most wanted first; empty for one that needs no GPU.
  std::vector<std::string> gpus;
  // Any card will do, or none.
  bool relaxed = false;
  // Nothing depends on it: it takes what the others leave, or is left out.
  bool dispensable = false;
  // What it is granted of a card's memory.
  MemoryShare memory;
};

// The number of a card in `cards`, or one of those below.
using CardNumber = int;
constexpr CardNumber kNoCard = -1;
// A dispensable one that no card is left for.
constexpr CardNumber kLeftOut = -2;

// One card for each user, in order. What is granted on a card never adds up to more than it has; users whose share the
// graph does not state are spread evenly and count for nothing. Of equally wanted cards the emptiest is taken.
// Errors: FAILED_PRECONDITION where a product is not here, RESOURCE_EXHAUSTED where what was granted does not fit.
Result<std::vector<CardNumber>> PlaceOnCards(const std::vector<CardUser>& users, const std::vector<Card>& cards);

}  // namespace troupe::cli
