// Pairs that must not share an answer.
#include <algorithm>
#include <array>
#include <cctype>

#include "tests/bench/cache/text.h"

namespace troupe::bench {
namespace {

using Turned = std::pair<std::string, std::string>;

// From WordNet 3.0 (Princeton University), a random draw of antonyms that its corpus has at least three times each.
constexpr std::array<std::pair<const char*, const char*>, 36> kVerbs{{
    {"attack", "defend"},
    {"attract", "repel"},
    {"approve", "disapprove"},
    {"divide", "multiply"},
    {"forbid", "permit"},
    {"borrow", "lend"},
    {"exclude", "include"},
    {"admit", "deny"},
    {"accept", "refuse"},
    {"ignore", "notice"},
    {"continue", "discontinue"},
    {"forget", "remember"},
    {"keep", "lose"},
    {"begin", "end"},
    {"buy", "sell"},
    {"decrease", "increase"},
    {"dry", "wet"},
    {"break", "repair"},
    {"criticize", "praise"},
    {"lock", "unlock"},
    {"cool", "heat"},
    {"complicate", "simplify"},
    {"tie", "untie"},
    {"fire", "hire"},
    {"empty", "fill"},
    {"lower", "raise"},
    {"gather", "spread"},
    {"bend", "straighten"},
    {"unite", "divide"},
    {"avoid", "confront"},
    {"persuade", "dissuade"},
    {"float", "sink"},
    {"export", "import"},
    {"hide", "show"},
    {"start", "stop"},
    {"trust", "distrust"},
}};
constexpr std::array<std::pair<const char*, const char*>, 50> kAdjectives{{
    {"inner", "outer"},
    {"rough", "smooth"},
    {"long", "short"},
    {"official", "unofficial"},
    {"relevant", "irrelevant"},
    {"delicate", "rugged"},
    {"structured", "unstructured"},
    {"civilian", "military"},
    {"loud", "soft"},
    {"necessary", "unnecessary"},
    {"adequate", "inadequate"},
    {"constructive", "destructive"},
    {"cold", "hot"},
    {"personal", "impersonal"},
    {"far", "near"},
    {"northern", "southern"},
    {"big", "little"},
    {"narrow", "wide"},
    {"known", "unknown"},
    {"natural", "artificial"},
    {"major", "minor"},
    {"cool", "warm"},
    {"close", "distant"},
    {"bad", "good"},
    {"first", "last"},
    {"dull", "lively"},
    {"cheap", "expensive"},
    {"round", "square"},
    {"definite", "indefinite"},
    {"busy", "idle"},
    {"clear", "opaque"},
    {"mental", "physical"},
    {"difficult", "easy"},
    {"black", "white"},
    {"best", "worst"},
    {"intense", "mild"},
    {"gradual", "sudden"},
    {"maximum", "minimum"},
    {"stable", "unstable"},
    {"private", "public"},
    {"familiar", "unfamiliar"},
    {"experienced", "inexperienced"},
    {"left", "right"},
    {"inside", "outside"},
    {"early", "late"},
    {"direct", "indirect"},
    {"permanent", "temporary"},
    {"male", "female"},
    {"front", "rear"},
    {"conservative", "liberal"},
}};
// From the lists of the United States census of 1990, a random draw.
constexpr std::array<const char*, 60> kNames{
    "Dickson",  "Childers", "Merrill",    "Parker", "Dixon",     "Burns",   "Simons",    "Garza",   "Rutherford",
    "Stanley",  "Pollock",  "Sweeney",    "Lester", "Blanchard", "Shaffer", "Moreno",    "Payne",   "Manning",
    "Crockett", "Pineda",   "Cartwright", "Hamm",   "Kendrick",  "Maloney", "Bridgette", "Lona",    "Darleen",
    "Judith",   "Callie",   "Delia",      "Tamera", "Minnie",    "Kira",    "Aline",     "Shelby",  "Eulalia",
    "Alisha",   "Mozelle",  "Latrice",    "Megan",  "Justina",   "Denise",  "Manuela",   "Melanie", "Sadie",
    "Tessa",    "Rachel",   "Muriel",     "Vince",  "Giuseppe",  "Cedric",  "Solomon",   "Elbert",  "Warren",
    "Hayden",   "Omar",     "Randall",    "Dwayne", "Dexter",    "Carlos"};
constexpr std::array<const char*, 24> kPlaces{"Quito",    "Antwerp", "Leipzig", "Perth",   "Kobe",      "Malaga",
                                              "Bergen",   "Gdansk",  "Austin",  "Calgary", "Havana",    "Nepal",
                                              "Bolivia",  "Tunisia", "Bristol", "Lyon",    "Marseille", "Turin",
                                              "Salzburg", "Basel",   "Utrecht", "Aarhus",  "Chennai",   "Fiji"};
constexpr std::array<std::pair<const char*, const char*>, 9> kCurrencies{{{"dollars", "USD"},
                                                                          {"euros", "EUR"},
                                                                          {"pounds", "GBP"},
                                                                          {"yen", "JPY"},
                                                                          {"francs", "CHF"},
                                                                          {"rupees", "INR"},
                                                                          {"zloty", "PLN"},
                                                                          {"rand", "ZAR"},
                                                                          {"kroner", "NOK"}}};
constexpr std::array<const char*, 3> kSigns{"$", "\xE2\x82\xAC", "\xC2\xA3"};
constexpr std::array<const char*, 12> kSmall{"two",   "three", "four", "five",   "six",     "seven",
                                             "eight", "nine",  "ten",  "twelve", "fifteen", "forty"};
constexpr std::array<const char*, 7> kOrdinals{"first", "second", "third", "fourth", "fifth", "2nd", "4th"};
constexpr std::array<const char*, 7> kDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                           "Friday", "Saturday", "Sunday"};
constexpr std::array<const char*, 12> kMonths{"January", "February", "March",     "April",   "May",      "June",
                                              "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<const char*, 6> kRelative{"today",     "tomorrow",  "yesterday",
                                               "next week", "last week", "next month"};

// Two that differ.
template <typename List>
auto Two(const List& list, Draw& draw) {
  const size_t first = draw.Below(std::size(list)), more = 1 + draw.Below(std::size(list) - 1);
  return std::pair(list[first], list[(first + more) % std::size(list)]);
}

Turned Both(std::string_view sentence, std::string_view left, std::string_view right) {
  return {Filled(sentence, left), Filled(sentence, right)};
}

// Statements of real questions, turned by a word behind the auxiliary verb.
Turned Negation(const std::vector<std::string>& questions, Draw& draw) {
  constexpr std::array<const char*, 10> kVerbs{"is",    "was",  "are",   "were", "can",
                                               "could", "will", "would", "has",  "have"};
  constexpr std::array<const char*, 10> kSubjects{"i",     "it",      "card",  "payment", "transfer",
                                                  "money", "account", "there", "this",    "app"};
  for (;;) {
    std::vector<std::string> words = SplitWords(draw.Of(questions));
    const std::string before = " " + Lower(JoinWords(words)) + " ";
    const bool negative = before.find("n't") != std::string::npos || before.find(" not ") != std::string::npos ||
                          before.find(" no ") != std::string::npos || before.find("never") != std::string::npos;
    for (size_t i = 1; i < words.size() && !negative; ++i) {
      const bool fits = std::ranges::find(kVerbs, words[i]) != kVerbs.end() &&
                        std::ranges::find(kSubjects, Bare(words[i - 1])) != kSubjects.end();
      if (!fits) continue;
      const std::string was = JoinWords(words);
      const size_t how = draw.Below(4);
      const bool irregular = words[i] == "can" || words[i] == "will";
      if (how == 0 && !irregular) {
        words[i] += "n't";
      } else if (how == 1 && !irregular) {
        words[i] += "nt";
      } else {
        words[i] += how == 2 ? " never" : " not";
      }
      return {was, JoinWords(words)};
    }
  }
}

Turned Number(const std::vector<std::string>& questions, Draw& draw) {
  constexpr std::array<const char*, 8> kSentences{"Can I book a table for {} people?",
                                                  "My order of {} chairs came damaged",
                                                  "I need {} copies of the contract",
                                                  "Is it possible to bring {} suitcases?",
                                                  "The lift has stopped {} times, can somebody come?",
                                                  "Can {} users share one licence?",
                                                  "How do I get {} litres of paint delivered?",
                                                  "Do you give a discount for {} nights?"};
  switch (draw.Below(4)) {
    case 0: {
      const auto [a, b] = Two(kSmall, draw);
      return Both(draw.Of(kSentences), a, b);
    }
    case 1: {
      const size_t a = 2 + draw.Below(90), b = a + 1 + draw.Below(9);
      return Both(draw.OneIn(3) ? "Is there a {}% reduction for students?" : draw.Of(kSentences), std::to_string(a),
                  std::to_string(b));
    }
    case 2: {
      const auto [a, b] = Two(std::array{kOrdinals[0], kOrdinals[1], kOrdinals[2], kOrdinals[3]}, draw);
      return Both("Why was my {} instalment not accepted?", a, b);
    }
    default:
      break;
  }
  for (;;) {  // a digit of a real question
    std::string text = draw.Of(questions);
    const auto digit = std::ranges::find_if(text, [](char c) { return c >= '1' && c <= '8'; });
    if (digit == text.end()) continue;
    const std::string was = text;
    ++*digit;
    return {was, text};
  }
}

Turned Date(Draw& draw) {
  constexpr std::array<const char*, 7> kSentences{"Is the office open on {}?",
                                                  "My train leaves on {}, where do I check in?",
                                                  "Can you deliver the sofa on {}?",
                                                  "I was told that the engineer comes on {}",
                                                  "What is on the menu on {}?",
                                                  "Does my contract end on {}?",
                                                  "The invoice of {} has not been settled"};
  const auto day = [&] { return std::to_string(1 + draw.Below(28)); };
  switch (draw.Below(4)) {
    case 0: {
      const auto [a, b] = Two(kDays, draw);
      return Both(draw.Of(kSentences), a, b);
    }
    case 1: {
      const auto [a, b] = Two(kMonths, draw);
      const std::string number = day();
      return Both(draw.Of(kSentences), a + (" " + number), b + (" " + number));
    }
    case 2: {
      const auto [a, b] = Two(kRelative, draw);
      return Both(draw.OneIn(2) ? "Can I still change my seat for {}?" : "I have an appointment {}", a, b);
    }
    default: {
      const size_t month = 1 + draw.Below(12), number = 1 + draw.Below(27);
      const std::string tail = "/" + std::to_string(month) + "/2026";
      return Both(draw.Of(kSentences), std::to_string(number) + tail, std::to_string(number + 1) + tail);
    }
  }
}

Turned Name(Draw& draw) {
  constexpr std::array<const char*, 9> kSentences{
      "Can I send a parcel to {}?",          "I would like to speak to {} about my claim",
      "Has {} confirmed the meeting?",       "What is the extension of {}?",
      "Please book me a room near {}",       "{} lost the key of the locker",
      "Is there a direct connection to {}?", "I got a bill from {} that I cannot explain",
      "{} has no access to the folder"};
  const auto [a, b] = draw.OneIn(2) ? Two(kNames, draw) : Two(kPlaces, draw);
  Turned pair = Both(draw.Of(kSentences), a, b);
  if (draw.OneIn(3)) return {Lower(pair.first), Lower(pair.second)};
  return pair;
}

Turned Currency(Draw& draw) {
  constexpr std::array<const char*, 6> kSentences{"What does the ticket cost in {}?",
                                                  "Can I pay the hotel in {}?",
                                                  "I was promised a voucher of {} but got none",
                                                  "Why is my budget shown in {}?",
                                                  "Do you sell travel insurance in {}?",
                                                  "Please send the quotation in {}"};
  const auto [a, b] = Two(kCurrencies, draw);
  const std::string amount = std::to_string(5 * (1 + draw.Below(40)));
  switch (draw.Below(4)) {
    case 0:
      return Both(draw.Of(kSentences), a.first, b.first);
    case 1:
      return Both(draw.Of(kSentences), a.second, b.second);
    case 2:
      return Both("The shop charged me {} for the repair", amount + " " + a.first, amount + " " + b.first);
    default: {
      const auto [c, d] = Two(kSigns, draw);
      return Both("The shop charged me {} for the repair", c + amount, d + amount);
    }
  }
}

Turned Antonym(const std::vector<std::string>& questions, Draw& draw) {
  constexpr std::array<const char*, 6> kDo{"How do I {} the shipment?",      "Please {} the proposal for me",
                                           "Who may {} the samples?",        "I want to {} my old equipment",
                                           "Is it allowed to {} the files?", "When will you {} the parts?"};
  constexpr std::array<const char*, 6> kBe{"Do you have the {} version in stock?",  "I would like the {} one",
                                           "Is the {} part included in the price?", "Where do I find the {} entrance?",
                                           "Why did I get the {} offer?",           "Can you explain the {} plan?"};
  const auto turn = [&](const auto& pair, std::string_view sentence) {
    return draw.OneIn(2) ? Both(sentence, pair.first, pair.second) : Both(sentence, pair.second, pair.first);
  };
  const size_t how = draw.Below(3);
  if (how == 0) return turn(draw.Of(kVerbs), draw.Of(kDo));
  if (how == 1) return turn(draw.Of(kAdjectives), draw.Of(kBe));
  for (;;) {  // a word of a real question
    const std::string& text = draw.Of(questions);
    const auto& pair = draw.OneIn(2) ? draw.Of(kVerbs) : kAdjectives[draw.Below(kAdjectives.size())];
    std::string turned = ReplaceWord(text, pair.first, pair.second);
    if (turned == text) turned = ReplaceWord(text, pair.second, pair.first);
    if (turned != text) return {text, turned};
  }
}

}  // namespace

std::vector<Pair> Adversaries(const std::vector<std::string>& questions, size_t each, uint64_t seed) {
  Draw draw(seed);
  std::vector<Pair> pairs;
  const auto add = [&](const char* kind, Turned turned) {
    // half of them differ in something harmless too
    if (draw.OneIn(2)) turned.second = Polite(turned.second, draw);
    pairs.push_back({kind, std::move(turned.first), std::move(turned.second)});
  };
  for (size_t i = 0; i < each; ++i) {
    add("negation", Negation(questions, draw));
    add("number", Number(questions, draw));
    add("date", Date(draw));
    add("name", Name(draw));
    add("currency", Currency(draw));
    add("antonym", Antonym(questions, draw));
  }
  return pairs;
}

}  // namespace troupe::bench
