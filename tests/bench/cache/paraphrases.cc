// Pairs that say the same.
#include <algorithm>
#include <array>
#include <optional>

#include "tests/bench/cache/text.h"

namespace troupe::bench {
namespace {

using Words = std::pair<const char*, const char*>;

// From WordNet 3.0 (Princeton University), a random draw of words of one synset, less those that fit no question.
constexpr std::array<Words, 23> kVerbs{
    {{"lift", "raise"},         {"begin", "start"},      {"continue", "proceed"}, {"necessitate", "require"},
     {"demonstrate", "show"},   {"end", "terminate"},    {"answer", "reply"},     {"achieve", "attain"},
     {"instruct", "teach"},     {"search", "seek"},      {"employ", "use"},       {"need", "require"},
     {"disclose", "reveal"},    {"detect", "notice"},    {"furnish", "supply"},   {"fix", "repair"},
     {"commence", "start"},     {"aid", "help"},         {"furnish", "provide"},  {"encourage", "promote"},
     {"advocate", "recommend"}, {"comprehend", "grasp"}, {"note", "observe"}}};
constexpr std::array<Words, 15> kAdjectives{{{"little", "small"},
                                             {"entire", "total"},
                                             {"particular", "special"},
                                             {"dirty", "soiled"},
                                             {"full", "total"},
                                             {"broad", "wide"},
                                             {"big", "large"},
                                             {"enormous", "tremendous"},
                                             {"difficult", "hard"},
                                             {"needed", "required"},
                                             {"huge", "vast"},
                                             {"significant", "substantial"},
                                             {"apparent", "evident"},
                                             {"chief", "main"},
                                             {"main", "principal"}}};
constexpr std::array<Words, 14> kAdverbs{{{"completely", "totally"},
                                          {"approximately", "roughly"},
                                          {"constantly", "invariably"},
                                          {"entirely", "wholly"},
                                          {"perhaps", "possibly"},
                                          {"maybe", "perhaps"},
                                          {"especially", "particularly"},
                                          {"normally", "usually"},
                                          {"exactly", "precisely"},
                                          {"obviously", "plainly"},
                                          {"immediately", "instantly"},
                                          {"quickly", "rapidly"},
                                          {"actually", "really"},
                                          {"slightly", "somewhat"}}};
constexpr std::array<Words, 15> kNouns{{{"attorney", "lawyer"},
                                        {"country", "nation"},
                                        {"shop", "store"},
                                        {"pupil", "student"},
                                        {"answer", "solution"},
                                        {"assistance", "help"},
                                        {"salary", "pay"},
                                        {"job", "task"},
                                        {"center", "middle"},
                                        {"comment", "remark"},
                                        {"menace", "threat"},
                                        {"category", "class"},
                                        {"duty", "responsibility"},
                                        {"consequence", "result"},
                                        {"stairs", "steps"}}};
constexpr std::array<Words, 12> kContractions{{{"I'm", "I am"},
                                               {"can't", "cannot"},
                                               {"don't", "do not"},
                                               {"didn't", "did not"},
                                               {"hasn't", "has not"},
                                               {"isn't", "is not"},
                                               {"what's", "what is"},
                                               {"I've", "I have"},
                                               {"won't", "will not"},
                                               {"it's", "it is"},
                                               {"doesn't", "doesnt"},
                                               {"wasn't", "was not"}}};
// What people do, to be asked for in several ways.
constexpr std::array<const char*, 30> kTasks{"renew my parking permit",
                                             "upload a new logo",
                                             "invite a colleague to the project",
                                             "print a shipping label",
                                             "reserve a meeting room",
                                             "borrow a projector",
                                             "export the report to a spreadsheet",
                                             "update my emergency contact",
                                             "register for the workshop",
                                             "hand in my timesheet",
                                             "book a child seat",
                                             "move my dentist appointment",
                                             "rename a folder",
                                             "merge two playlists",
                                             "share my calendar with the team",
                                             "cancel the gym contract",
                                             "claim travel expenses",
                                             "set an alarm on the thermostat",
                                             "descale the coffee machine",
                                             "replace the filter of the vacuum",
                                             "track a parcel",
                                             "apply for parental leave",
                                             "download my payslip",
                                             "mute a group chat",
                                             "change the language of the subtitles",
                                             "order a spare key",
                                             "report a broken street lamp",
                                             "install the printer driver",
                                             "check the balance of a gift voucher",
                                             "sort photos by date"};
constexpr std::array<const char*, 9> kAsk{"How do I {}?",
                                          "How can I {}?",
                                          "What is the best way to {}?",
                                          "I want to {}. How does that work?",
                                          "Could you explain how to {}?",
                                          "What do I have to do to {}?",
                                          "Please tell me how I can {}",
                                          "I need to {}, please help",
                                          "Is there a way to {}?"};
constexpr std::array<const char*, 8> kClauses{
    "if my parcel is damaged",          "when I travel with a dog",    "because my phone is being repaired",
    "once the trial period is over",    "if the driver is late",       "while I am on parental leave",
    "as soon as the printer is online", "since my flatmate moved away"};
constexpr std::array<const char*, 8> kMains{"who pays for the return",      "do I need a larger seat",
                                            "can I use another ticket",     "what happens to my documents",
                                            "is the deposit returned",      "where do I leave the keys",
                                            "should I call the front desk", "can somebody else sign"};

std::optional<Pair> Contraction(const std::string& text, Draw& draw) {
  const Words& words = draw.Of(kContractions);
  std::vector<std::string> all = SplitWords(text);
  const auto found =
      std::ranges::find_if(all, [&](const std::string& word) { return Bare(word) == Lower(words.first); });
  if (found == all.end()) return std::nullopt;
  *found = words.second;
  return Pair{"contraction", text, JoinWords(all)};
}

// One slip of a finger in a word of five letters or more.
std::optional<Pair> Typo(const std::string& text, Draw& draw) {
  std::vector<std::string> words = SplitWords(text);
  std::string& word = words[draw.Below(words.size())];
  if (word.size() < 6 || Bare(word).size() < 5) return std::nullopt;
  const size_t at = 1 + draw.Below(word.size() - 3);
  if (word[at] == word[at + 1]) return std::nullopt;
  switch (draw.Below(3)) {
    case 0:
      std::swap(word[at], word[at + 1]);
      break;
    case 1:
      word.erase(at, 1);
      break;
    default:
      word.insert(at, 1, word[at]);
  }
  return Pair{"typo", text, JoinWords(words)};
}

Pair Synonym(Draw& draw) {
  const auto pair = [&](const Words& words, std::string_view sentence) {
    return Pair{"synonym", Filled(sentence, words.first), Filled(sentence, words.second)};
  };
  switch (draw.Below(4)) {
    case 0:
      return pair(draw.Of(kVerbs), draw.OneIn(2) ? "How do I {} the results of the survey?"
                                                 : "Why does the assistant {} the offer of the supplier?");
    case 1:
      return pair(draw.Of(kAdjectives), draw.OneIn(2) ? "Is there a {} problem with the delivery of my bike?"
                                                      : "I saw a {} stain on the table that you sent");
    case 2:
      return pair(draw.Of(kNouns), draw.OneIn(2) ? "Who can tell me more of the {} that you told my sister about?"
                                                 : "I am not happy with the {} in the new building");
    default:
      return pair(draw.Of(kAdverbs), draw.OneIn(2) ? "Why is the lift {} out of order?"
                                                   : "The heating is {} broken, can you send somebody?");
  }
}

// Clauses, or the sentences of a real question, in the other order.
Pair Order(const std::vector<std::string>& questions, Draw& draw) {
  if (draw.OneIn(2)) {
    const std::string clause = draw.Of(kClauses), main = draw.Of(kMains);
    return {"order", Capital(clause) + ", " + main + "?", Capital(main) + " " + clause + "?"};
  }
  for (;;) {
    const std::string& text = draw.Of(questions);
    const size_t end = text.find_first_of(".?!");
    if (end == std::string::npos || end + 2 >= text.size() || text[end + 1] != ' ') continue;
    return {"order", text, text.substr(end + 2) + " " + text.substr(0, end + 1)};
  }
}

Pair Template(Draw& draw) {
  const std::string task = draw.Of(kTasks);
  const size_t first = draw.Below(kAsk.size()), more = 1 + draw.Below(kAsk.size() - 1);
  return {"template", Filled(kAsk[first], task), Filled(kAsk[(first + more) % kAsk.size()], task)};
}

std::string WithoutMarks(std::string text) {
  std::erase_if(text, [](char c) { return c == '?' || c == '!' || c == ','; });
  return Lower(std::move(text));
}

}  // namespace

std::vector<Pair> Paraphrases(const std::vector<std::string>& questions, size_t each, uint64_t seed) {
  Draw draw(seed);
  std::vector<Pair> pairs;
  const auto until_one = [&](const auto& make) {
    for (;;) {
      if (auto pair = make(draw.Of(questions), draw)) return *pair;
    }
  };
  for (size_t i = 0; i < each; ++i) {
    const std::string& polite = draw.Of(questions);
    pairs.push_back({"politeness", polite, Polite(polite, draw)});
    pairs.push_back(until_one(Contraction));
    pairs.push_back(until_one(Typo));
    pairs.push_back(Synonym(draw));
    pairs.push_back(Order(questions, draw));
    pairs.push_back(Template(draw));
    const std::string& text = draw.Of(questions);
    pairs.push_back({"case", text, WithoutMarks(text)});
  }
  return pairs;
}

}  // namespace troupe::bench
