#include "router/cache/guard_reading.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "router/cache/guard_numbers.h"
#include "router/cache/guard_times.h"
#include "router/cache/guard_tokens.h"

namespace troupe::cache {
namespace {

// Longer words are nobody's misspelling, and looking for one would take time with the square of the length.
constexpr size_t kMaxCorrected = 24;
// Words in the longest phrase of the lists.
constexpr size_t kMaxPhrase = 3;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Words behind which "to" begins a verb and gives no direction.
bool TakesInfinitive(const Token& token) {
  return token.kind == TokenKind::kWord &&
         IsOneOf(token.text,
                 {"want",   "wants",    "wanted",   "need",  "needs",  "needed",   "like",     "how",     "able",
                  "unable", "going",    "try",      "tries", "tried",  "trying",   "have",     "has",     "had",
                  "got",    "supposed", "wish",     "hope",  "hoping", "way",      "possible", "what",    "where",
                  "when",   "allowed",  "required", "love",  "ought",  "used",     "decided",  "expect",  "order",
                  "steps",  "process",  "able",     "ready", "plan",   "planning", "best",     "easiest", "due"});
}

// Goes through the tokens once; every step takes at least one.
class Reader {
 public:
  explicit Reader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {
    size_t words = 0, capitals = 0;
    for (Token& token : tokens_) {
      if (token.kind != TokenKind::kWord) continue;
      ++words;
      if (token.capital) ++capitals;
      const bool may_be_name = token.capital && !token.first;
      if (token.text.size() > kMaxCorrected || may_be_name) continue;
      if (auto corrected = lexicon_.Corrected(token.text)) token.text = std::move(*corrected);
    }
    // In a headline or in a shout capitals say nothing.
    constexpr size_t kFewWords = 3;
    capitals_count_ = words <= kFewWords || capitals * 5 < words * 3;
  }

  Reading Run() {
    while (at_ < tokens_.size()) at_ += std::max<size_t>(1, Step());
    std::ranges::sort(reading_.poles);
    const auto repeated = std::ranges::unique(reading_.poles);
    reading_.poles.erase(repeated.begin(), repeated.end());
    return std::move(reading_);
  }

 private:
  using Finder = const std::string* (Lexicon::*)(std::string_view) const;
  struct Found {
    const std::string* name = nullptr;
    size_t tokens = 0;
  };

  // The longest phrase at the place that a list has.
  Found Find(Finder finder, size_t at) const {
    Found found;
    std::string words;
    for (size_t n = 1; n <= kMaxPhrase && at + n <= tokens_.size(); ++n) {
      const Token& token = tokens_[at + n - 1];
      if (token.kind != TokenKind::kWord && (n > 1 || token.kind != TokenKind::kSign)) break;
      if (n > 1) words += '_';
      words += token.text;
      if (const std::string* name = (lexicon_.*finder)(words)) found = {name, n};
    }
    return found;
  }

  void Add(FactKind kind, std::string value) { reading_.facts.push_back({kind, std::move(value)}); }

  size_t Step() {
    const Token& token = tokens_[at_];
    if (token.kind == TokenKind::kCode) {
      Add(FactKind::kCode, token.text);
      return 1;
    }
    if (const size_t taken = ReadTime()) return taken;
    if (const size_t taken = ReadDigitGroups()) return taken;
    if (const size_t taken = ReadMoney()) return taken;
    if (const size_t taken = ReadNumber()) return taken;
    if (token.kind != TokenKind::kWord) {
      Add(FactKind::kNumber, token.text);
      return 1;
    }
    if (const size_t taken = ReadName()) return taken;
    return ReadWord();
  }

  size_t ReadTime() {
    const auto time = TimeFrom(tokens_, at_);
    if (!time) return 0;
    Add(FactKind::kDate, time->value);
    return time->tokens;
  }

  // "1234 5678" is one number that somebody copied, not two that may change places.
  size_t ReadDigitGroups() {
    size_t end = at_;
    std::string digits;
    while (end < tokens_.size() && tokens_[end].kind == TokenKind::kNumber) digits += tokens_[end++].text;
    if (end - at_ < 2) return 0;
    Add(FactKind::kCode, digits);
    return end - at_;
  }

  size_t ReadMoney() {
    // the currency before its amount, or alone
    if (const Found currency = Find(&Lexicon::Currency, at_); currency.name != nullptr) {
      const size_t next = at_ + currency.tokens;
      const bool digits = next < tokens_.size() && tokens_[next].kind == TokenKind::kNumber;
      if (!digits) {
        Add(FactKind::kMoney, *currency.name);
        return currency.tokens;
      }
      const auto number = NumberFrom(tokens_, next);
      size_t taken = currency.tokens + number->tokens;
      // "$50 USD"
      const Found again = at_ + taken < tokens_.size() ? Find(&Lexicon::Currency, at_ + taken) : Found{};
      taken += again.name != nullptr && *again.name == *currency.name ? again.tokens : 0;
      Add(FactKind::kMoney, number->value + " " + *currency.name);
      return taken;
    }
    const auto number = NumberFrom(tokens_, at_);
    if (!number || at_ + number->tokens >= tokens_.size()) return 0;
    const Found currency = Find(&Lexicon::Currency, at_ + number->tokens);
    if (currency.name == nullptr) return 0;
    Add(FactKind::kMoney, number->value + " " + *currency.name);
    return number->tokens + currency.tokens;
  }

  // A unit of time or measure at the place, or a percent sign.
  Found UnitAt(size_t at) const {
    static const std::string kPercent = "percent";
    if (at >= tokens_.size()) return {};
    if (tokens_[at].text == "%") return {&kPercent, 1};
    if (tokens_[at].Is("per") && at + 1 < tokens_.size() && tokens_[at + 1].Is("cent")) return {&kPercent, 2};
    return Find(&Lexicon::Unit, at);
  }

  size_t ReadNumber() {
    const Token& token = tokens_[at_];
    if (token.Is("a") || token.Is("an")) {
      if (const Found unit = UnitAt(at_ + 1); unit.name != nullptr) {
        Add(FactKind::kNumber, "1 " + *unit.name);
        return 1 + unit.tokens;
      }
    }
    const auto number = NumberFrom(tokens_, at_);
    if (!number || (at_ + 1 < tokens_.size() && token.Is("double") && tokens_[at_ + 1].text.starts_with("check")))
      return 0;
    if (number->ordinal) {
      Add(FactKind::kNumber, "#" + number->value);
      return number->tokens;
    }
    const Found unit = UnitAt(at_ + number->tokens);
    if (unit.name != nullptr) {
      Add(FactKind::kNumber, number->value + " " + *unit.name);
      return number->tokens + unit.tokens;
    }
    // "this one": a pronoun
    if (!token.Is("one") || number->tokens > 1) Add(FactKind::kNumber, number->value);
    // "two times" is "twice"
    const size_t next = at_ + number->tokens;
    return number->tokens + (next < tokens_.size() && tokens_[next].Is("times") ? 1 : 0);
  }

  size_t ReadName() {
    if (const Found name = Find(&Lexicon::Name, at_); name.name != nullptr) {
      Add(FactKind::kName, *name.name);
      return name.tokens;
    }
    const Token& token = tokens_[at_];
    if (!token.capital || token.first || !capitals_count_ || lexicon_.Knows(token.text)) return 0;
    Add(FactKind::kName, token.text);
    reading_.all.insert(token.text);
    return 1;
  }

  size_t ReadWord() {
    const Token& token = tokens_[at_];
    std::string word = token.text;
    size_t taken = 1;
    if (const Found phrase = Find(&Lexicon::Phrase, at_); phrase.name != nullptr) {
      word = *phrase.name;
      taken = phrase.tokens;
    }
    if (const std::string* polarity = lexicon_.Polarity(word)) Add(FactKind::kPolarity, *polarity);
    Keep(word);
    return taken;
  }

  void Keep(const std::string& word) {
    if (const std::string* date = lexicon_.Date(word)) return Add(FactKind::kDate, *date);
    if (IsOneOf(word, {"but", "instead", "rather", "than", "unlike", "whereas", "versus", "vs"}))
      reading_.contrasts = true;
    if (IsDirection(word)) reading_.directions.push_back({word, {}});
    reading_.all.insert(word);
    const std::string base = lexicon_.Base(word);
    const auto& poles = lexicon_.PolesOf(base);
    reading_.poles.insert(reading_.poles.end(), poles.begin(), poles.end());
    if (lexicon_.IsFiller(word) || lexicon_.Polarity(word) != nullptr || IsDirection(word)) return;
    for (Direction& direction : reading_.directions) {
      if (direction.object.empty()) direction.object = base;
    }
    reading_.words.push_back({base, word});
  }

  bool IsDirection(std::string_view word) const {
    if (word == "to") return at_ == 0 || !TakesInfinitive(tokens_[at_ - 1]);
    return IsOneOf(word, {"from", "into", "onto", "out", "in", "on", "off", "up", "down", "before", "after", "with",
                          "over", "under", "for", "against", "towards", "toward"});
  }

  const Lexicon& lexicon_ = Lexicon::Get();
  std::vector<Token> tokens_;
  size_t at_ = 0;
  bool capitals_count_ = true;
  Reading reading_;
};

}  // namespace

std::string_view FactName(FactKind kind) {
  static constexpr std::array<std::string_view, kFactKinds> kNames{"polarity", "numbers", "dates",
                                                                   "money",    "names",   "codes"};
  return kNames[static_cast<size_t>(kind)];
}

Result<Reading> Read(std::string_view text) {
  TRY_ASSIGN(std::vector<Token> tokens, Tokenize(text));
  if (tokens.empty()) return Invalid("the text has no words");
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kWord && !token.capital && Lexicon::Get().IsForeign(token.text)) {
      return Invalid("'" + token.text + "' is of a language that the guard cannot judge");
    }
  }
  return Reader(std::move(tokens)).Run();
}

}  // namespace troupe::cache
