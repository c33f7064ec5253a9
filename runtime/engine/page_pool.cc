#include "runtime/engine/page_pool.h"

#include <algorithm>
#include <limits>

#include "runtime/base/check.h"

namespace troupe::engine {
PagePool::PagePool(int64_t pages) {
  CHECK(pages >= 0 && pages <= std::numeric_limits<PageId>::max());
  pages_.resize(static_cast<size_t>(pages));
  for (int64_t id = pages; id > 0; --id) free_.push_back(static_cast<PageId>(id - 1));
}

int64_t PagePool::Cost(std::span<const TokenId> tokens, Reuse reuse) const {
  int64_t cost = PagesFor(static_cast<int64_t>(tokens.size()));
  if (reuse == Reuse::kNothing) return cost;
  for (const PageId id : Find(tokens).pages) {
    if (pages_[id].holders > 0) --cost;
  }
  return cost;
}

std::optional<PagePool::Acquired> PagePool::Acquire(std::span<const TokenId> tokens, Reuse reuse) {
  const Match match = reuse == Reuse::kPrefix ? Find(tokens) : Match{};
  Acquired acquired;
  acquired.holding.pages = match.pages;
  acquired.holding.known = static_cast<int64_t>(match.pages.size());
  acquired.length = acquired.holding.known * kPageTokens;
  for (const PageId id : match.pages) Hold(id);
  if (!Grow(acquired.holding, static_cast<int64_t>(tokens.size()))) {
    Release(acquired.holding);
    return std::nullopt;
  }
  if (match.part != kNoPage) {
    // What the part was may have been taken for one of the new pages just now: its contents are there until a step.
    acquired.copy = {match.part, acquired.holding.pages[match.pages.size()]};
    acquired.length += match.part_tokens;
    if (acquired.copy->from == acquired.copy->to) acquired.copy.reset();
  }
  return acquired;
}

bool PagePool::Grow(Holding& holding, int64_t tokens) {
  const int64_t missing = PagesFor(tokens) - static_cast<int64_t>(holding.pages.size());
  if (missing > available()) return false;
  for (int64_t i = 0; i < missing; ++i) holding.pages.push_back(Take());
  return true;
}

void PagePool::Register(Holding& holding, std::span<const TokenId> tokens) {
  CHECK(PagesFor(static_cast<int64_t>(tokens.size())) <= static_cast<int64_t>(holding.pages.size()));
  for (auto i = static_cast<size_t>(holding.known); (i + 1) * kPageTokens <= tokens.size(); ++i) {
    const PageId own = holding.pages[i];
    const PageId parent = i == 0 ? kNoPage : holding.pages[i - 1];
    const auto held = tokens.subspan(i * kPageTokens, kPageTokens);
    const PageId same = Lookup(parent, held);
    if (same == kNoPage) {
      Learn(own, parent, held);
    } else if (same != own) {
      Hold(same);
      GiveBack(own);
      holding.pages[i] = same;
    }
    holding.known = static_cast<int64_t>(i) + 1;
  }
}

int64_t PagePool::SkipKnown(Holding& holding, std::span<const TokenId> tokens, int64_t length) {
  if (length != holding.known * kPageTokens) return length;
  while (length + kPageTokens < static_cast<int64_t>(tokens.size())) {
    const auto i = static_cast<size_t>(holding.known);
    const PageId next =
        Lookup(i == 0 ? kNoPage : holding.pages[i - 1], tokens.subspan(static_cast<size_t>(length), kPageTokens));
    if (next == kNoPage) break;
    Hold(next);
    GiveBack(holding.pages[i]);
    holding.pages[i] = next;
    ++holding.known;
    length += kPageTokens;
  }
  return length;
}

std::optional<PagePool::Forked> PagePool::Fork(const Holding& holding, int64_t length) {
  CHECK(PagesFor(length) <= static_cast<int64_t>(holding.pages.size()));
  CHECK(holding.known >= length / kPageTokens);  // what two hold is known: then it is never written to
  const bool has_part = length % kPageTokens != 0;
  if (has_part && available() == 0) return std::nullopt;
  Forked forked;
  forked.holding.pages.assign(holding.pages.begin(), holding.pages.begin() + length / kPageTokens);
  forked.holding.known = length / kPageTokens;
  for (const PageId id : forked.holding.pages) Hold(id);
  if (has_part) {
    const PageId copy = Take();
    forked.copy = {holding.pages[static_cast<size_t>(length / kPageTokens)], copy};
    forked.holding.pages.push_back(copy);
  }
  return forked;
}

PagePool::Truncated PagePool::Truncate(Holding& holding, int64_t length) {
  CHECK(length >= 0 && PagesFor(length) <= static_cast<int64_t>(holding.pages.size()));
  while (static_cast<int64_t>(holding.pages.size()) > PagesFor(length)) {
    GiveBack(holding.pages.back());
    holding.pages.pop_back();
  }
  holding.known = std::min(holding.known, length / kPageTokens);
  Truncated truncated{length, {}};
  if (length % kPageTokens == 0) return truncated;
  const PageId last = holding.pages.back();
  if (pages_[last].holders == 1 && pages_[last].children == 0) {
    if (pages_[last].is_known) Unlearn(last);
    return truncated;
  }
  holding.pages.pop_back();
  if (available() == 0) {
    GiveBack(last);
    truncated.length = length / kPageTokens * kPageTokens;
    return truncated;
  }
  const PageId copy = Take();
  GiveBack(last);
  holding.pages.push_back(copy);
  truncated.copy = {last, copy};
  return truncated;
}

void PagePool::Release(Holding& holding) {
  ++now_;
  for (auto id = holding.pages.rbegin(); id != holding.pages.rend(); ++id) GiveBack(*id);
  holding = {};
}

void PagePool::Forget(Holding& holding) {
  ++now_;
  for (auto id = holding.pages.rbegin(); id != holding.pages.rend(); ++id) {
    GiveBack(*id);
    if (pages_[*id].is_known && pages_[*id].holders == 0) UnlearnWithChildren(*id);
  }
  holding = {};
}

}  // namespace troupe::engine
