#include "runtime/train/kept_answers.h"

#include <utility>

#include "runtime/base/lines.h"
#include "runtime/base/read_file.h"
#include "runtime/base/value.h"
#include "runtime/base/write_file.h"

namespace troupe::train {
namespace {

constexpr uint64_t kMaxBytes = 1u << 30;

std::string KeyOf(const PromptText& text) {
  Value prompt = Value::array();
  for (const text::ChatMessage& message : text.prompt) {
    prompt.push_back({{"role", message.role}, {"content", message.content}});
  }
  return Dump(prompt);
}

}  // namespace

Result<KeptAnswers> KeptAnswers::Open(const std::filesystem::path& file, const std::string& by) {
  KeptAnswers kept;
  kept.file_ = file;
  kept.by_ = by;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return kept;
  const auto read = ReadFile(file, kMaxBytes);
  if (!read) return Error{read.error().code, file.string() + ": " + read.error().message};
  const std::string& content = *read;
  size_t number = 0;
  for (size_t at = 0; const auto line = NextLine(content, at);) {
    const auto row = ParseValue(*line);
    const std::string place = file.string() + ":" + std::to_string(++number);
    if (!row || !row->is_object() || !row->contains("prompt") || !row->contains("answer") || !row->contains("by") ||
        !(*row)["answer"].is_string()) {
      return Invalid(place + ": no answer of a teacher's; name another file in 'answers', or remove it");
    }
    if ((*row)["by"] != by) {
      return FailedPrecondition(place +
                                ": written by another teacher, or one that was shown or told something else; "
                                "name another file in 'answers', or remove it");
    }
    kept.answers_[Dump((*row)["prompt"])] = (*row)["answer"].get<std::string>();
  }
  return kept;
}

const std::string* KeptAnswers::Find(const PromptText& text) const {
  const auto found = answers_.find(KeyOf(text));
  return found == answers_.end() ? nullptr : &found->second;
}

void KeptAnswers::Put(const PromptText& text, std::string answer) { answers_[KeyOf(text)] = std::move(answer); }

Status KeptAnswers::Save() const {
  std::string lines;
  for (const auto& [prompt, answer] : answers_) {
    lines += "{\"prompt\":" + prompt + ",\"answer\":" + Dump(Value(answer)) + ",\"by\":" + Dump(Value(by_)) + "}\n";
  }
  return WriteFile(file_, lines);
}

}  // namespace troupe::train
