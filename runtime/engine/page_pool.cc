#include "runtime/engine/page_pool.h"

#include <algorithm>
#include <limits>

#include "runtime/base/check.h"

namespace troupe::engine {
namespace {

// SplitMix64's mixing function (Steele, Lea and Flood, 2014).
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t ChainDigest(uint64_t parent, std::span<const TokenId> tokens) {
  uint64_t digest = parent + 0x9e3779b97f4a7c15;
  for (const TokenId token : tokens) digest = Mix(digest + static_cast<uint32_t>(token) + 0x9e3779b97f4a7c15);
  return digest;
}

int64_t CommonLength(std::span<const TokenId> a, std::span<const TokenId> b) {
  const size_t most = std::min(a.size(), b.size());
  return std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first - a.begin();
}

}  // namespace

PagePool::PagePool(int64_t pages) {
  CHECK(pages >= 0 && pages <= std::numeric_limits<PageId>::max());
  pages_.resize(static_cast<size_t>(pages));
  for (int64_t id = pages; id > 0; --id) free_.push_back(static_cast<PageId>(id - 1));
}

PageId PagePool::Lookup(PageId parent, std::span<const TokenId> tokens) const {
  Key key{parent, {}};
  std::copy(tokens.begin(), tokens.end(), key.second.begin());
  const auto found = index_.find(key);
  return found == index_.end() ? kNoPage : found->second;
}

PagePool::Match PagePool::Find(std::span<const TokenId> tokens) const {
  Match match;
  PageId parent = kNoPage;
  auto rest = tokens;
  while (rest.size() > kPageTokens) {
    const PageId next = Lookup(parent, rest.first(kPageTokens));
    if (next == kNoPage) break;
    match.pages.push_back(parent = next);
    rest = rest.subspan(kPageTokens);
  }
  FindPart(rest, parent, match);
  return match;
}

// Before all that follow `parent` in the index.
PagePool::Key PagePool::LeastKey(PageId parent) {
  Key key{parent, {}};
  key.second.fill(std::numeric_limits<TokenId>::min());
  return key;
}

// The index is sorted by tokens, so those that begin most alike stand on either side of where `rest` would.
void PagePool::FindPart(std::span<const TokenId> rest, PageId parent, Match& match) const {
  if (rest.size() < 2) return;
  Key key = LeastKey(parent);
  const auto wanted = rest.first(std::min<size_t>(rest.size(), kPageTokens));
  std::copy(wanted.begin(), wanted.end(), key.second.begin());
  const auto consider = [&](const std::pair<const Key, PageId>& entry) {
    if (entry.first.first != parent) return;
    const int64_t common = CommonLength(rest.first(rest.size() - 1), entry.first.second);
    if (common <= match.part_tokens) return;
    match.part = entry.second;
    match.part_tokens = common;
  };
  const auto above = index_.lower_bound(key);
  if (above != index_.end()) consider(*above);
  if (above != index_.begin()) consider(*std::prev(above));
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
  if (holding.known > 0) Remember(holding.pages[static_cast<size_t>(holding.known) - 1]);
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

PageId PagePool::Take() {
  if (free_.empty()) {
    CHECK(!idle_ends_.empty());
    Unlearn(idle_ends_.begin()->second);
  }
  const PageId id = free_.back();
  free_.pop_back();
  pages_[id].holders = 1;
  return id;
}

void PagePool::Hold(PageId id) {
  Page& page = pages_[id];
  if (page.holders++ > 0) return;
  CHECK(page.is_known);
  --idle_;
  idle_ends_.erase({page.used, id});
}

void PagePool::GiveBack(PageId id) {
  Page& page = pages_[id];
  CHECK(page.holders > 0);
  if (--page.holders > 0) return;
  if (!page.is_known) {
    free_.push_back(id);
    return;
  }
  ++idle_;
  page.used = now_;
  if (IsIdleEnd(page)) idle_ends_.emplace(page.used, id);
}

void PagePool::Learn(PageId id, PageId parent, std::span<const TokenId> tokens) {
  Page& page = pages_[id];
  CHECK(page.holders > 0 && !page.is_known);
  page.is_known = true;
  page.parent = parent;
  page.children = 0;
  std::copy(tokens.begin(), tokens.end(), page.tokens.begin());
  page.depth = parent == kNoPage ? 1 : pages_[parent].depth + 1;
  page.digest = ChainDigest(parent == kNoPage ? 0 : pages_[parent].digest, tokens);
  if (parent != kNoPage) ++pages_[parent].children;
  index_.emplace(Key{parent, page.tokens}, id);
}

// Out of the index; free where nobody holds it.
void PagePool::Unlearn(PageId id) {
  Page& page = pages_[id];
  CHECK(page.is_known && page.children == 0);
  ForgetRecent(id);
  index_.erase(Key{page.parent, page.tokens});
  page.is_known = false;
  if (page.holders == 0) {
    idle_ends_.erase({page.used, id});
    --idle_;
    free_.push_back(id);
  }
  if (page.parent == kNoPage) return;
  Page& parent = pages_[page.parent];
  --parent.children;
  if (IsIdleEnd(parent)) idle_ends_.emplace(parent.used, page.parent);
}

// Nobody holds what follows a page that nobody holds: who holds a known page holds those before it too.
void PagePool::UnlearnWithChildren(PageId id) {
  PageId at = id;
  while (true) {
    const auto child = index_.lower_bound(LeastKey(at));
    if (child != index_.end() && child->first.first == at) {
      at = child->second;
      continue;
    }
    const PageId parent = pages_[at].parent;
    Unlearn(at);
    if (at == id) return;
    at = parent;
  }
}

void PagePool::Remember(PageId end) {
  std::erase(recent_, end);
  recent_.insert(recent_.begin(), end);
  if (recent_.size() > kMaxRecent) recent_.pop_back();
}

// What a chain rests on is still there when its end is taken away.
void PagePool::ForgetRecent(PageId id) {
  const auto place = std::find(recent_.begin(), recent_.end(), id);
  if (place == recent_.end()) return;
  const PageId parent = pages_[id].parent;
  if (parent == kNoPage || std::find(recent_.begin(), recent_.end(), parent) != recent_.end()) {
    recent_.erase(place);
  } else {
    *place = parent;
  }
}

std::vector<PagePool::Prefix> PagePool::Recent() const {
  std::vector<Prefix> prefixes;
  for (const PageId id : recent_) prefixes.push_back({pages_[id].digest, pages_[id].depth * kPageTokens});
  return prefixes;
}

}  // namespace troupe::engine
