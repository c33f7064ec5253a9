#include "router/content/review.h"

#include <algorithm>

#include "router/content/check_texts.h"
#include "router/content/text_ids.h"
#include "runtime/base/names.h"

namespace troupe::content {
namespace {

void Decide(Text& text, TextState state, const Reviewer& reviewer) {
  text.state = state;
  text.reviewer = reviewer.name;
  text.reviewed = reviewer.time;
  text.note = reviewer.note;
}

// What is wrong with that text among its siblings, in the order in which they will stand in the file.
std::string ProblemsWith(ContentSet set, const std::string& id) {
  const auto text = std::find_if(set.texts.begin(), set.texts.end(), [&](const Text& one) { return one.id == id; });
  const Cell cell = text->cell;
  std::erase_if(set.texts, [&](const Text& one) { return one.cell != cell; });
  SortTexts(set);
  const std::vector<std::vector<std::string>> problems = ProblemsOf(set);
  for (size_t i = 0; i < set.texts.size(); ++i) {
    if (set.texts[i].id == id) return Joined(problems[i], "; ");
  }
  return "";
}

Status AcceptAs(ContentSet& set, const std::string& id, const std::string& words, const Reviewer& reviewer) {
  TRY_ASSIGN(Text* const text, FindText(set, id));
  const Text before = *text;
  text->text = words;
  Decide(*text, TextState::kAccepted, reviewer);
  const std::string problems = ProblemsWith(set, id);
  if (problems.empty()) return {};
  *text = before;
  return FailedPrecondition("text '" + id + "' cannot be accepted: " + problems);
}

}  // namespace

Result<Text*> FindText(ContentSet& set, const std::string& id) {
  const auto found = std::find_if(set.texts.begin(), set.texts.end(), [&](const Text& text) { return text.id == id; });
  if (found == set.texts.end()) {
    return NotFound("the set '" + set.name + "' has no text '" + id + "'; 'troupe content review' lists them");
  }
  return &*found;
}

Status Accept(ContentSet& set, const std::string& id, const Reviewer& reviewer) {
  TRY_ASSIGN(const Text* const text, FindText(set, id));
  return AcceptAs(set, id, std::string(text->text), reviewer);
}

Status Edit(ContentSet& set, const std::string& id, const std::string& before, const std::string& after,
            const Reviewer& reviewer) {
  TRY_ASSIGN(const Text* const text, FindText(set, id));
  if (text->text != before) {
    return FailedPrecondition("text '" + id + "' was changed by somebody else meanwhile; look at it again");
  }
  return AcceptAs(set, id, after, reviewer);
}

Status Reject(ContentSet& set, const std::string& id, const Reviewer& reviewer) {
  TRY_ASSIGN(Text* const text, FindText(set, id));
  Decide(*text, TextState::kRejected, reviewer);
  return {};
}

int64_t AcceptAllPassing(ContentSet& set, const Reviewer& reviewer) {
  SortTexts(set);
  const std::vector<std::vector<std::string>> problems = ProblemsOf(set);
  int64_t accepted = 0;
  for (size_t i = 0; i < set.texts.size(); ++i) {
    if (set.texts[i].state != TextState::kProposed || !problems[i].empty()) continue;
    Decide(set.texts[i], TextState::kAccepted, reviewer);
    ++accepted;
  }
  return accepted;
}

}  // namespace troupe::content
