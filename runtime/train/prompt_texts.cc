#include "runtime/train/prompt_texts.h"

#include "runtime/base/lines.h"
#include "runtime/base/read_file.h"
#include "runtime/base/value.h"

namespace troupe::train {
namespace {

constexpr uint64_t kMaxBytes = 1u << 30;

Error At(const std::string& place, const std::string& what) { return Invalid(place + ": " + what); }

std::string TextIn(const Value& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<std::vector<text::ChatMessage>> ReadPrompt(const Value& prompt, const std::string& place) {
  std::vector<text::ChatMessage> messages;
  if (prompt.is_string()) {
    messages.push_back({"user", prompt.get<std::string>()});
  } else if (prompt.is_array()) {
    for (const Value& message : prompt) {
      const std::string role = message.is_object() ? TextIn(message, "role") : "";
      if (role.empty() || TextIn(message, "content").empty()) {
        return At(place, "\"prompt\" must be a text or a list of {role, content}, both texts");
      }
      messages.push_back({role, TextIn(message, "content")});
    }
  }
  if (messages.empty() || messages.back().content.empty()) {
    return At(place, "no \"prompt\": write {\"prompt\": ..., \"answer\": ...}");
  }
  return messages;
}

Result<PromptText> ReadLine(std::string_view line, const std::string& place, Answers answers) {
  const auto value = ParseValue(line);
  if (!value) return At(place, value.error().message);
  if (!value->is_object()) return At(place, "no object: write {\"prompt\": ..., \"answer\": ...}");
  PromptText text{.answer = TextIn(*value, "answer"), .place = place};
  TRY_ASSIGN(text.prompt, ReadPrompt(value->value("prompt", Value()), place));
  if (answers == Answers::kRequired && text.answer.empty()) {
    return At(place, "no \"answer\" with a text in it: give one, or let a teacher write it (answers: FILE)");
  }
  return text;
}

}  // namespace

Result<std::vector<PromptText>> ReadPromptTexts(const std::filesystem::path& file, Answers answers) {
  const auto content = ReadFile(file, kMaxBytes);
  if (!content) return Error{content.error().code, file.string() + ": " + content.error().message};
  std::vector<PromptText> texts;
  size_t number = 0;
  for (size_t at = 0; const auto line = NextLine(*content, at);) {
    ++number;
    if (line->find_first_not_of(" \t\r") == line->npos) continue;
    TRY_ASSIGN(PromptText text, ReadLine(*line, file.filename().string() + ":" + std::to_string(number), answers));
    texts.push_back(std::move(text));
  }
  if (texts.empty()) return Invalid(file.string() + ": no prompts in it");
  return texts;
}

}  // namespace troupe::train
