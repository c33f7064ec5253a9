// `troupe content review`: shows what was made, and writes down what a person decides on it.
#include "router/content/review.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "router/cli/content/commands.h"
#include "router/cli/content/edit_text.h"
#include "router/cli/exit_code.h"
#include "router/cli/format.h"
#include "router/cli/terminal.h"
#include "router/cli/text_width.h"
#include "router/content/check_texts.h"
#include "router/content/parse.h"
#include "router/content/review_page.h"
#include "router/content/sample_text.h"
#include "router/content/texts_file.h"
#include "runtime/base/clock.h"
#include "runtime/base/write_file.h"

namespace troupe::cli {
namespace {

struct Edited {
  std::string id;
  std::string before;
  std::string after;
};

std::string UserName() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr || user->pw_name == nullptr ? "" : user->pw_name;
}

Result<content::Reviewer> ReviewerOf(const ContentReviewFlags& flags) {
  content::Reviewer reviewer{flags.by.empty() ? UserName() : flags.by, FormatTime(SystemClock().NowMs()), flags.note};
  if (reviewer.name.empty()) return Invalid("who decides? say it with --by NAME");
  return reviewer;
}

// Before anything is locked: an editor may stay open for long.
Result<std::vector<Edited>> EditAll(const ContentReviewFlags& flags) {
  std::vector<Edited> edited;
  if (flags.edit.empty()) return edited;
  TRY_ASSIGN(const auto set, content::LoadGoodSet(flags.file));
  content::ContentSet copy = *set;
  for (const std::string& id : flags.edit) {
    TRY_ASSIGN(const content::Text* const text, content::FindText(copy, id));
    TRY_ASSIGN(std::string after, EditText(text->text));
    edited.push_back({id, text->text, std::move(after)});
  }
  return edited;
}

Status Decide(content::ContentSet& set, const ContentReviewFlags& flags, const std::vector<Edited>& edited,
              const content::Reviewer& reviewer) {
  for (const std::string& id : flags.reject) TRY(content::Reject(set, id, reviewer));
  for (const Edited& one : edited) {
    const Status status = content::Edit(set, one.id, one.before, one.after, reviewer);
    // what somebody has written is not lost
    if (!status) return Error{status.error().code, status.error().message + "\nthe text was:\n" + one.after};
  }
  for (const std::string& id : flags.accept) TRY(content::Accept(set, id, reviewer));
  if (flags.all_passing) content::AcceptAllPassing(set, reviewer);
  return {};
}

std::string Sample(const content::ContentSet& set, const content::Text& text) {
  std::string sample;
  for (const content::SamplePiece& piece : content::SampleOf(set, text)) sample += piece.text;
  return sample;
}

bool IsListed(const content::Text& text, const std::string& state) {
  return state == "all" || content::TextStateNames()[static_cast<size_t>(text.state)] == state;
}

void ListTexts(const content::ContentSet& set, const ContentReviewFlags& flags) {
  const std::vector<std::vector<std::string>> problems = content::ProblemsOf(set);
  const int width = IsTerminal(stdout) ? std::max(StyleOf(stdout).width, 24) : 1'000'000;
  for (const content::Cell& cell : set.cells) {
    bool headed = false;
    for (size_t i = 0; i < set.texts.size(); ++i) {
      const content::Text& text = set.texts[i];
      if (text.cell != cell || !IsListed(text, flags.state)) continue;
      if (!std::exchange(headed, true)) PrintText(stdout, content::AudienceName(cell));
      std::string head = text.id + "  " + content::TextStateNames()[static_cast<size_t>(text.state)];
      if (!text.reviewer.empty()) head += " by " + text.reviewer + " " + text.reviewed;
      if (!text.note.empty()) head += ": " + text.note;
      PrintText(stdout, "  " + Neutralise(head, Newlines::kFlatten));
      for (const std::string& line : Wrap(Neutralise(Sample(set, text), Newlines::kKeep), width - 4)) {
        PrintText(stdout, "    " + line);
      }
      for (const std::string& problem : problems[i]) {
        PrintText(stdout, "    problem: " + Neutralise(problem, Newlines::kFlatten));
      }
    }
  }
}

Value ToJson(const content::ContentSet& set, const ContentReviewFlags& flags) {
  const std::vector<std::vector<std::string>> problems = content::ProblemsOf(set);
  Value texts = Value::array();
  for (size_t i = 0; i < set.texts.size(); ++i) {
    const content::Text& text = set.texts[i];
    if (!IsListed(text, flags.state)) continue;
    texts.push_back({{"id", text.id},
                     {"audience", content::AudienceName(text.cell)},
                     {"state", content::TextStateNames()[static_cast<size_t>(text.state)]},
                     {"text", text.text},
                     {"sample", Sample(set, text)},
                     {"writer", text.writer},
                     {"reviewer", text.reviewer},
                     {"reviewed", text.reviewed},
                     {"note", text.note},
                     {"problems", problems[i]}});
  }
  return {{"set", set.name}, {"texts", texts}};
}

void PrintCounts(const content::ContentSet& set) {
  std::string text;
  for (size_t state = 0; state < content::TextStateNames().size(); ++state) {
    const auto count = std::count_if(set.texts.begin(), set.texts.end(), [&](const content::Text& one) {
      return one.state == static_cast<content::TextState>(state);
    });
    text += (text.empty() ? "" : ", ") + FormatCount(count) + " " + content::TextStateNames()[state];
  }
  PrintText(stdout, set.name + ": " + text);
}

}  // namespace

Result<int> ReviewContent(const ContentReviewFlags& flags, Print print) {
  const bool decides = !flags.accept.empty() || flags.all_passing || !flags.reject.empty() || !flags.edit.empty();
  TRY_ASSIGN(const content::Reviewer reviewer, ReviewerOf(flags));
  TRY_ASSIGN(const std::vector<Edited> edited, EditAll(flags));
  TRY_ASSIGN(const content::ContentSet set, content::ChangeTexts(flags.file, [&](content::ContentSet& texts) {
               return Decide(texts, flags, edited, reviewer);
             }));
  if (!flags.html.empty()) TRY(WriteFile(flags.html, content::ReviewPage(set, flags.file)));
  if (print == Print::kJson) {
    PrintJson(stdout, ToJson(set, flags));
    return kExitOk;
  }
  if (!decides && flags.html.empty()) ListTexts(set, flags);
  if (!flags.html.empty()) PrintText(stdout, "wrote " + flags.html);
  PrintCounts(set);
  return kExitOk;
}

}  // namespace troupe::cli
