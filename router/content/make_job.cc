#include "router/content/make_job.h"

#include <algorithm>
#include <map>
#include <utility>

#include "router/content/check_texts.h"
#include "router/content/prose.h"
#include "runtime/base/check.h"

namespace troupe::content {

Result<MakeJob> MakeJob::Plan(std::shared_ptr<const ContentSet> set, int64_t tries) {
  if (!set->writer)
    return Invalid("the set '" + set->name + "' names no writer; add writer: {graph: ..., prompt: ...}");
  if (static_cast<int64_t>(set->cells.size()) * set->variants > kMaxWanted) {
    return Invalid("the set '" + set->name + "' wants more than " + std::to_string(kMaxWanted) +
                   " texts; take values or variants out, or make two sets of it");
  }
  return MakeJob(std::move(set), tries);
}

MakeJob::MakeJob(std::shared_ptr<const ContentSet> set, int64_t tries)
    : set_(std::move(set)), tries_(tries), ids_(*set_) {
  // in the order of the file that will be written, so that a job planned again finds the same siblings first
  ContentSet sorted = *set_;
  SortTexts(sorted);
  std::map<Cell, std::vector<const Text*>> of_cell;
  std::set<std::string> taken;
  for (const Text& text : sorted.texts) {
    of_cell[text.cell].push_back(&text);
    taken.insert(text.id);
  }
  for (size_t cell = 0; cell < set_->cells.size(); ++cell) PlanCell(cell, of_cell[set_->cells[cell]], taken);
}

void MakeJob::PlanCell(size_t cell, const std::vector<const Text*>& texts, const std::set<std::string>& taken) {
  CellJob& job = cells_.emplace_back(CellJob{.siblings = Siblings(set_->checks.similarity)});
  int64_t missing = set_->variants;
  for (const Text* text : texts) {
    missing -= text->state == TextState::kRejected ? 0 : 1;
    // nor is proposed again what a person has rejected
    job.siblings.Add(text->id, WordingOf(text->text));
  }
  for (int64_t number = 1; missing > 0; ++number) {
    // what a cut-off job has made, or what was rejected: that number is used up
    if (taken.contains(ids_.Of(cell, number))) continue;
    job.variants.push_back({.number = number});
    open_.insert({cell, number, 1});
    ++counts_.wanted;
    --missing;
  }
}

MakeJob::Variant& MakeJob::Find(const Wish& wish) { return const_cast<Variant&>(std::as_const(*this).Find(wish)); }

const MakeJob::Variant& MakeJob::Find(const Wish& wish) const {
  const auto& variants = cells_[wish.cell].variants;
  const auto found = std::lower_bound(variants.begin(), variants.end(), wish.number,
                                      [](const Variant& variant, int64_t number) { return variant.number < number; });
  CHECK(found != variants.end() && found->number == wish.number);
  return *found;
}

std::optional<Wish> MakeJob::Next() {
  if (open_.empty()) return std::nullopt;
  return open_.extract(open_.begin()).value();
}

const std::vector<std::string>& MakeJob::ProblemsBefore(const Wish& wish) const { return Find(wish).problems; }

void MakeJob::Take(const Wish& wish, Answer answer) {
  Variant& variant = Find(wish);
  CHECK(variant.state == Variant::State::kOpen && variant.attempt == wish.attempt);
  if (!answer.fault.empty()) {
    Fail(wish.cell, variant, {std::move(answer.fault)});
    return Settle(wish.cell);
  }
  auto text = TextOfProse(answer.prose, *set_);
  variant.text = {.id = ids_.Of(wish.cell, wish.number),
                  .cell = set_->cells[wish.cell],
                  .text = text ? std::move(*text) : "",
                  .writer = std::move(answer.writer)};
  std::vector<std::string> problems =
      text ? CheckText(*set_, variant.text) : std::vector<std::string>{text.error().message};
  if (problems.empty()) {
    variant.state = Variant::State::kHeld;
  } else {
    Fail(wish.cell, variant, std::move(problems));
  }
  Settle(wish.cell);
}

void MakeJob::Fail(size_t cell, Variant& variant, std::vector<std::string> problems) {
  variant.problems = std::move(problems);
  if (variant.attempt < tries_) {
    variant.state = Variant::State::kOpen;
    open_.insert({cell, variant.number, ++variant.attempt});
    ++counts_.again;
  } else {
    variant.state = Variant::State::kEnded;
    unmade_.push_back({set_->cells[cell], variant.number, variant.attempt, variant.problems});
    ++counts_.unmade;
  }
}

// In the order of their numbers, as far as they go: so it does not matter which answer came first.
void MakeJob::Settle(size_t cell) {
  CellJob& job = cells_[cell];
  while (job.settled < job.variants.size()) {
    Variant& variant = job.variants[job.settled];
    if (variant.state == Variant::State::kHeld) {
      Wording wording = WordingOf(variant.text.text);
      if (auto alike = job.siblings.TooAlike(wording)) {
        Fail(cell, variant, {std::move(*alike)});
      } else {
        job.siblings.Add(variant.text.id, std::move(wording));
        variant.state = Variant::State::kEnded;
        made_.push_back(std::move(variant.text));
        ++counts_.made;
      }
    }
    if (variant.state != Variant::State::kEnded) return;
    ++job.settled;
  }
}

std::vector<Text> MakeJob::TakeMade() { return std::exchange(made_, {}); }

}  // namespace troupe::content
