// Who holds which page of keys and values, and what is in those that nobody holds any more: PagedAttention's blocks
// with reference counts (Kwon et al., 2023; arXiv:2309.06180) and RadixAttention's reuse of prefixes (Zheng et al.,
// 2024; arXiv:2312.07104).
//
// Full pages are known by the tokens they hold and the page before them, so a chain of pages stands for a prefix, and a
// sequence that begins like one before it holds the same pages. Pages that nobody holds stay known until their place is
// needed: least recently used first, ends of chains before what they rest on. Tokens are compared one by one, so that
// nothing but the same tokens is ever the same.
//
// Bookkeeping only: the contents are the decoder's (runtime/model/decoder.h), and copies that are asked for here are
// the caller's to carry out, at once and in order, before the next step. Owned by the engine, used on its model thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "runtime/engine/request.h"
#include "runtime/model/decoder.h"

namespace troupe::engine {

using model::kPageTokens;
using model::PageId;

using model::PagesFor;

// For Decoder::CopyPage.
struct PageCopy {
  PageId from = 0;
  PageId to = 0;
};

// What one sequence holds. The pool's to change.
struct Holding {
  std::vector<PageId> pages;  // in the order of the sequence's tokens
  int64_t known = 0;          // the first so many are in the pool's index

  bool operator==(const Holding&) const = default;
};

// Whether a sequence may use what others have computed.
enum class Reuse : uint8_t { kPrefix, kNothing };

class PagePool {
 public:
  explicit PagePool(int64_t pages);

  int64_t pages() const { return static_cast<int64_t>(pages_.size()); }
  // Pages without contents of use to anybody.
  int64_t free() const { return static_cast<int64_t>(free_.size()); }
  // Pages that nobody holds, with a prefix that may come again.
  int64_t cached() const { return idle_; }
  // What can be had: both of them.
  int64_t available() const { return free() + cached(); }

  // Pages of available() that Acquire takes for a sequence of these tokens.
  int64_t Cost(std::span<const TokenId> tokens, Reuse reuse) const;

  struct Acquired {
    Holding holding;
    int64_t length = 0;  // tokens that need not be run, fewer than there are: the last one must, to give logits
    std::optional<PageCopy> copy;
  };
  // Pages for all `tokens`, the first of them with the longest prefix that is known; where that ends within a page, in
  // a copy of it. Nothing where there are not so many.
  std::optional<Acquired> Acquire(std::span<const TokenId> tokens, Reuse reuse);

  // Room for `tokens` in all. False, and as before, where there are not so many pages.
  bool Grow(Holding& holding, int64_t tokens);

  // `tokens`, all that is computed of the sequence, are in its pages: full ones become known to others. Where one that
  // holds the same is known already, the sequence holds that one from now on, and its own becomes free.
  void Register(Holding& holding, std::span<const TokenId> tokens);

  // Another sequence may have come further with the same `tokens` since: passes over what is known behind the first
  // `length`, as Acquire would. The new length. Only at the end of a page, with all pages before it registered.
  int64_t SkipKnown(Holding& holding, std::span<const TokenId> tokens, int64_t length);

  struct Forked {
    Holding holding;
    std::optional<PageCopy> copy;
  };
  // A second sequence with the first `length` tokens of one, which are registered as far as they fill pages: those are
  // held by both, what is left is copied.
  // Nothing where there is no page for the copy.
  std::optional<Forked> Fork(const Holding& holding, int64_t length);

  struct Truncated {
    int64_t length = 0;  // less than was asked for where a page was missing: back to the end of the one before
    std::optional<PageCopy> copy;
  };
  // Gives back what is behind the first `length` tokens. The last page is the sequence's alone then, so that it can be
  // written to.
  Truncated Truncate(Holding& holding, int64_t length);

  // Gives everything back; what is known stays known.
  void Release(Holding& holding);
  // Gives everything back and forgets what nobody else holds of it: its contents are not to be trusted.
  void Forget(Holding& holding);

 private:
  static constexpr PageId kNoPage = -1;
  using Tokens = std::array<TokenId, kPageTokens>;
  using Key = std::pair<PageId, Tokens>;  // the page before it, and what it holds

  struct Page {
    int32_t holders = 0;
    bool is_known = false;
    // Of known ones.
    Tokens tokens{};
    PageId parent = kNoPage;
    int32_t children = 0;  // known pages that follow it
    uint64_t used = 0;     // when it was given back last
  };

  struct Match {
    std::vector<PageId> pages;
    PageId part = kNoPage;  // one that goes on as the tokens do
    int64_t part_tokens = 0;
  };
  Match Find(std::span<const TokenId> tokens) const;
  void FindPart(std::span<const TokenId> rest, PageId parent, Match& match) const;
  PageId Lookup(PageId parent, std::span<const TokenId> tokens) const;
  static Key LeastKey(PageId parent);

  PageId Take();
  void Hold(PageId id);
  void GiveBack(PageId id);
  void Learn(PageId id, PageId parent, std::span<const TokenId> tokens);
  void Unlearn(PageId id);
  void UnlearnWithChildren(PageId id);
  // Whether a known page can be taken from its place now.
  bool IsIdleEnd(const Page& page) const { return page.is_known && page.holders == 0 && page.children == 0; }

  std::vector<Page> pages_;
  std::vector<PageId> free_;
  std::map<Key, PageId> index_;
  // Known pages that nobody holds and nothing follows, by when they were used.
  std::set<std::pair<uint64_t, PageId>> idle_ends_;
  int64_t idle_ = 0;  // known pages that nobody holds
  uint64_t now_ = 0;  // counts what is given back
};

}  // namespace troupe::engine
