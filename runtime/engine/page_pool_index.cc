// Of the pool: which pages are known by what they hold, and which are taken next.
#include <algorithm>
#include <limits>

#include "runtime/base/check.h"
#include "runtime/engine/page_pool.h"

namespace troupe::engine {
namespace {

int64_t CommonLength(std::span<const TokenId> a, std::span<const TokenId> b) {
  const size_t most = std::min(a.size(), b.size());
  return std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first - a.begin();
}

}  // namespace

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
  if (parent != kNoPage) ++pages_[parent].children;
  index_.emplace(Key{parent, page.tokens}, id);
}

// Out of the index; free where nobody holds it.
void PagePool::Unlearn(PageId id) {
  Page& page = pages_[id];
  CHECK(page.is_known && page.children == 0);
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

}  // namespace troupe::engine
