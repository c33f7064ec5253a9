#include "router/cli/cards.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "runtime/base/names.h"

namespace troupe::cli {
namespace {

struct State {
  // Of each card, in thousandths of its memory.
  std::vector<int64_t> granted;
  std::vector<int> users;
};

constexpr int64_t kWhole = 1000;

// Rounded up, so that what is granted never adds up to more than there is.
int64_t ShareOf(const MemoryShare& memory, const Card& card) {
  if (memory.percent > 0) return memory.percent * (kWhole / 100);
  if (memory.bytes <= 0) return 0;
  if (card.memory_bytes <= 0) return kWhole;
  const double share = static_cast<double>(memory.bytes) / static_cast<double>(card.memory_bytes);
  return share > 2 ? 2 * kWhole : static_cast<int64_t>(share * kWhole + 0.999);
}

std::string Left(const State& state, const std::vector<Card>& cards, const std::vector<CardNumber>& wanted) {
  std::string text;
  for (const CardNumber number : wanted) {
    const auto at = static_cast<size_t>(number);
    text += (text.empty() ? "" : ", ") + cards[at].product + " (number " + std::to_string(number) + ") " +
            std::to_string((kWhole - state.granted[at]) * 100 / kWhole) + "%";
  }
  return text;
}

// The cards that the user may stand on, in the order of its wishes, cards of one product in the order of the machine.
std::vector<CardNumber> Wanted(const CardUser& user, const std::vector<Card>& cards) {
  std::vector<CardNumber> wanted;
  for (const std::string& product : user.gpus) {
    for (size_t i = 0; i < cards.size(); ++i) {
      if (cards[i].product == product) wanted.push_back(static_cast<CardNumber>(i));
    }
  }
  if (wanted.empty() && user.relaxed) {
    wanted.resize(cards.size());
    std::iota(wanted.begin(), wanted.end(), 0);
  }
  return wanted;
}

// Of the most wanted product that has room, the card with the least on it.
std::optional<CardNumber> Choose(const CardUser& user, const std::vector<Card>& cards,
                                 const std::vector<CardNumber>& wanted, const State& state) {
  std::optional<CardNumber> best;
  for (const CardNumber number : wanted) {
    const auto at = static_cast<size_t>(number);
    if (best && cards[at].product != cards[static_cast<size_t>(*best)].product && !user.relaxed) break;
    if (state.granted[at] + ShareOf(user.memory, cards[at]) > kWhole) continue;
    const auto load = [&](CardNumber n) {
      return std::pair(state.granted[static_cast<size_t>(n)], state.users[static_cast<size_t>(n)]);
    };
    if (!best || load(number) < load(*best)) best = number;
  }
  return best;
}

}  // namespace

Result<std::vector<CardNumber>> PlaceOnCards(const std::vector<CardUser>& users, const std::vector<Card>& cards) {
  State state{std::vector<int64_t>(cards.size()), std::vector<int>(cards.size())};
  std::vector<CardNumber> placed(users.size(), kNoCard);
  // The largest shares first: small ones fit in what is left, large ones would not. What is dispensable last.
  std::vector<size_t> order(users.size());
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](size_t i) { return cards.empty() ? 0 : ShareOf(users[i].memory, cards.front()); };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (users[a].dispensable != users[b].dispensable) return users[b].dispensable;
    return size(a) > size(b);
  });
  for (const size_t i : order) {
    const CardUser& user = users[i];
    if (user.gpus.empty()) continue;
    const std::vector<CardNumber> wanted = Wanted(user, cards);
    const auto card = Choose(user, cards, wanted, state);
    if (!card && user.relaxed) continue;
    if (!card && user.dispensable) {
      placed[i] = kLeftOut;
      continue;
    }
    if (wanted.empty()) {
      return FailedPrecondition(user.name + " is pinned to " + Joined(user.gpus, " or ") + ", which is not here");
    }
    if (!card) {
      const std::string of_card = user.memory.percent > 0 ? " of a card" : "";
      return Exhausted(user.name + " is granted " + ToString(user.memory) + of_card +
                       ", but of what it may stand on is left: " + Left(state, cards, wanted) +
                       "; grant the agents less memory, or start fewer replicas");
    }
    placed[i] = *card;
    state.granted[static_cast<size_t>(*card)] += ShareOf(user.memory, cards[static_cast<size_t>(*card)]);
    ++state.users[static_cast<size_t>(*card)];
  }
  return placed;
}

}  // namespace troupe::cli
