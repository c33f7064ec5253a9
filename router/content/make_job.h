// What `make` has to do, and what came of it: which texts are wanted, what is to be asked next, and whether an answer
// is a text that the set's checks let through. A text that fails is asked for again, up to a number of tries. What is
// made does not depend on the order in which answers come: within a cell a text is compared with those of lower numbers
// only. So a job that is cut off and planned again from the texts that it left asks for what is left, and ends the
// same. Pure; one thread.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "router/content/content_set.h"
#include "router/content/siblings.h"
#include "router/content/text_ids.h"
#include "runtime/base/error.h"

namespace troupe::content {

inline constexpr int64_t kMaxWanted = 1'000'000;

// One question to the writer.
struct Wish {
  // Its place in the set.
  size_t cell = 0;
  // Which text of the cell, and which try at it; both from 1.
  int64_t number = 1;
  int64_t attempt = 1;
  auto operator<=>(const Wish&) const = default;
};

struct Answer {
  std::string prose;
  // Why there is no prose; empty where there is.
  std::string fault;
  // Who wrote it, for people.
  std::string writer;
};

// A text that no try brought.
struct Unmade {
  Cell cell;
  int64_t number = 0;
  int64_t tries = 0;
  // What was wrong with the last one.
  std::vector<std::string> problems;
};

struct MakeCounts {
  int64_t wanted = 0;
  int64_t made = 0;
  int64_t unmade = 0;
  // Tries beyond each text's first.
  int64_t again = 0;
  int64_t left() const { return wanted - made - unmade; }
};

class MakeJob {
 public:
  // What the set's texts leave to be made: each cell is to have as many that are not rejected as there are variants.
  // Errors: INVALID_ARGUMENT for a set without a writer, for more than kMaxWanted texts.
  static Result<MakeJob> Plan(std::shared_ptr<const ContentSet> set, int64_t tries);

  // The next question, in the set's order; none where all open ones have been asked.
  std::optional<Wish> Next();
  // A question that could not be asked is open again.
  void PutBack(const Wish& wish) { open_.insert(wish); }
  // What was wrong with the try before that one.
  const std::vector<std::string>& ProblemsBefore(const Wish& wish) const;
  // The answer to a question that Next gave.
  void Take(const Wish& wish, Answer answer);

  // Texts that are done since the last call.
  std::vector<Text> TakeMade();
  const std::vector<Unmade>& unmade() const { return unmade_; }
  const MakeCounts& counts() const { return counts_; }
  const ContentSet& set() const { return *set_; }

 private:
  struct Variant {
    enum class State { kOpen, kHeld, kEnded };
    int64_t number = 0;
    State state = State::kOpen;
    int64_t attempt = 1;
    std::vector<std::string> problems;
    // kHeld: right by itself, and waits for those before it.
    Text text;
  };
  struct CellJob {
    std::vector<Variant> variants;
    Siblings siblings;
    size_t settled = 0;
  };

  MakeJob(std::shared_ptr<const ContentSet> set, int64_t tries);
  void PlanCell(size_t cell, const std::vector<const Text*>& texts, const std::set<std::string>& taken);
  Variant& Find(const Wish& wish);
  const Variant& Find(const Wish& wish) const;
  void Fail(size_t cell, Variant& variant, std::vector<std::string> problems);
  void Settle(size_t cell);

  std::shared_ptr<const ContentSet> set_;
  int64_t tries_;
  TextIds ids_;
  std::vector<CellJob> cells_;
  std::set<Wish> open_;
  std::vector<Text> made_;
  std::vector<Unmade> unmade_;
  MakeCounts counts_;
};

}  // namespace troupe::content
