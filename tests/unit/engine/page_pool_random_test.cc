// Random sequences over a small pool, against a memory that is written and copied as a decoder would: whatever the pool
// does, each sequence finds in its pages what its own tokens would have put there.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "runtime/engine/page_pool.h"

namespace troupe::engine {
namespace {

struct Held {
  Holding holding;
  std::vector<TokenId> tokens;  // all that are known of it
  int64_t length = 0;           // those that are in its pages
};

class World {
 public:
  World(uint32_t seed, int64_t pages)
      : random_(seed), pool_(pages), memory_(static_cast<size_t>(pages * kPageTokens), 0) {}

  void Act() {
    switch (Draw(10)) {
      case 0:
      case 1:
        return Begin();
      case 2:
        return End();
      case 3:
        return Fork();
      case 4:
        return Truncate();
      default:
        return Continue();
    }
  }

  void Check() const {
    std::map<PageId, int> holders;
    for (const Held& held : running_) {
      ASSERT_LE(PagesFor(held.length), static_cast<int64_t>(held.holding.pages.size()));
      for (const PageId id : held.holding.pages) ++holders[id];
      uint64_t state = 0;
      for (int64_t i = 0; i < held.length; ++i) {
        state = Next(state, held.tokens[i]);
        ASSERT_EQ(memory_[At(held.holding, i)], state) << "token " << i << " of " << held.length;
      }
    }
    ASSERT_EQ(pool_.available() + static_cast<int64_t>(holders.size()), pool_.pages());
  }

  // With all gone, everything can be had at once.
  void EndAll() {
    while (!running_.empty()) End();
    ASSERT_EQ(pool_.available(), pool_.pages());
    Holding all;
    ASSERT_TRUE(pool_.Grow(all, pool_.pages() * kPageTokens));
    ASSERT_EQ(std::set<PageId>(all.pages.begin(), all.pages.end()).size(), static_cast<size_t>(pool_.pages()));
    ASSERT_EQ(pool_.available(), 0);
  }

  int64_t reused() const { return reused_; }
  int64_t copies() const { return copies_; }
  int64_t refused() const { return refused_; }

 private:
  uint32_t Draw(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
  static uint64_t Next(uint64_t state, TokenId token) {
    return (state * 6364136223846793005u + static_cast<uint64_t>(token) + 1) ^ (state >> 29);
  }
  static size_t At(const Holding& holding, int64_t i) {
    return static_cast<size_t>(holding.pages[static_cast<size_t>(i / kPageTokens)] * kPageTokens + i % kPageTokens);
  }

  void Copy(const std::optional<PageCopy>& copy) {
    if (!copy) return;
    ++copies_;
    for (int64_t i = 0; i < kPageTokens; ++i)
      memory_[copy->to * kPageTokens + i] = memory_[copy->from * kPageTokens + i];
  }

  // Few different tokens and beginnings, so that prefixes meet.
  void Begin() {
    Held held;
    const uint32_t start = Draw(3);
    for (uint32_t size = 1 + Draw(80), i = 0; i < size; ++i) {
      held.tokens.push_back(static_cast<TokenId>(Draw(12) == 0 ? Draw(3) : (start * 7 + i) % 5));
    }
    const auto reuse = Draw(8) == 0 ? Reuse::kNothing : Reuse::kPrefix;
    const int64_t cost = pool_.Cost(held.tokens, reuse);
    const int64_t before = pool_.available();
    auto acquired = pool_.Acquire(held.tokens, reuse);
    ASSERT_EQ(acquired.has_value(), cost <= before);
    if (!acquired) {
      ++refused_;
      ASSERT_EQ(pool_.available(), before);
      return;
    }
    ASSERT_EQ(pool_.available(), before - cost);
    ASSERT_LT(acquired->length, static_cast<int64_t>(held.tokens.size()));
    Copy(acquired->copy);
    held.holding = acquired->holding;
    held.length = acquired->length;
    reused_ += held.length;
    running_.push_back(std::move(held));
  }

  // Some more tokens are computed: of the prompt, or new ones.
  void Continue() {
    if (running_.empty()) return;
    Held& held = running_[Draw(static_cast<uint32_t>(running_.size()))];
    if (held.length == static_cast<int64_t>(held.tokens.size())) {
      held.tokens.push_back(static_cast<TokenId>(Draw(3)));
      if (!pool_.Grow(held.holding, static_cast<int64_t>(held.tokens.size()))) {
        held.tokens.pop_back();
        ++refused_;
        return;
      }
    } else {
      held.length = pool_.SkipKnown(held.holding, held.tokens, held.length);
    }
    const int64_t end = std::min(held.length + 1 + Draw(40), static_cast<int64_t>(held.tokens.size()));
    uint64_t state = held.length == 0 ? 0 : memory_[At(held.holding, held.length - 1)];
    for (int64_t i = held.length; i < end; ++i) {
      state = Next(state, held.tokens[i]);
      memory_[At(held.holding, i)] = state;
    }
    held.length = end;
    if (Draw(6) != 0) Register(held);
  }

  void Register(Held& held) {
    pool_.Register(held.holding, std::span(held.tokens).first(static_cast<size_t>(held.length)));
  }

  void End() {
    if (running_.empty()) return;
    const auto which = running_.begin() + Draw(static_cast<uint32_t>(running_.size()));
    Draw(6) == 0 ? pool_.Forget(which->holding) : pool_.Release(which->holding);
    running_.erase(which);
  }

  void Fork() {
    if (running_.empty()) return;
    const size_t which = Draw(static_cast<uint32_t>(running_.size()));
    Held& first = running_[which];
    Register(first);
    Held second;
    second.length = Draw(static_cast<uint32_t>(first.length + 1));
    auto forked = pool_.Fork(first.holding, second.length);
    if (!forked) {
      ++refused_;
      return;
    }
    Copy(forked->copy);
    second.holding = forked->holding;
    second.tokens.assign(first.tokens.begin(), first.tokens.begin() + second.length);
    running_.push_back(std::move(second));
  }

  void Truncate() {
    if (running_.empty()) return;
    Held& held = running_[Draw(static_cast<uint32_t>(running_.size()))];
    const int64_t wanted = Draw(static_cast<uint32_t>(held.length + 1));
    const auto cut = pool_.Truncate(held.holding, wanted);
    ASSERT_LE(cut.length, wanted);
    Copy(cut.copy);
    held.length = cut.length;
    held.tokens.resize(static_cast<size_t>(cut.length));
  }

  std::mt19937 random_;
  PagePool pool_;
  std::vector<uint64_t> memory_;  // a digest of all tokens up to the one that is there
  std::vector<Held> running_;
  int64_t reused_ = 0, copies_ = 0, refused_ = 0;
};

TEST(PagePoolRandomTest, EverySequenceFindsItsOwn) {
  int64_t reused = 0, copies = 0, refused = 0;
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, 8 + seed % 40);
    for (int i = 0; i < 400; ++i) {
      world.Act();
      world.Check();
      if (testing::Test::HasFatalFailure()) FAIL() << "action " << i;
    }
    reused += world.reused();
    copies += world.copies();
    refused += world.refused();
    world.EndAll();
  }
  // All of it must have happened, or the worlds are too tame.
  EXPECT_GT(reused, 20'000);
  EXPECT_GT(copies, 1'000);
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace troupe::engine
