#include "runtime/train/prompt_texts.h"

#include <utility>

#include "runtime/base/file_lines.h"
#include "runtime/base/value.h"

namespace troupe::train {
namespace {

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
  const bool is_labelled = !value->contains("prompt") && value->contains("text");
  PromptText text{.answer = TextIn(*value, is_labelled ? "label" : "answer"), .place = place};
  TRY_ASSIGN(text.prompt, ReadPrompt(value->value(is_labelled ? "text" : "prompt", Value()), place));
  if (answers == Answers::kRequired && text.answer.empty()) {
    return At(place, is_labelled
                         ? "no \"label\" with a name in it: give one"
                         : "no \"answer\" with a text in it: give one, or let a teacher write it (answers: FILE)");
  }
  return text;
}

}  // namespace

Status ForEachPromptText(const std::filesystem::path& file, Answers answers,
                         const std::function<Status(PromptText text)>& take) {
  bool has_some = false;
  TRY(ForEachLineOf(file, ValueLimits().max_bytes, [&](std::string_view line, size_t number) -> Status {
    if (line.find_first_not_of(" \t\r") == line.npos) return {};
    TRY_ASSIGN(PromptText text, ReadLine(line, file.filename().string() + ":" + std::to_string(number), answers));
    has_some = true;
    return take(std::move(text));
  }));
  if (!has_some) return Invalid(file.string() + ": no prompts in it");
  return {};
}

Result<std::vector<PromptText>> ReadPromptTexts(const std::filesystem::path& file, Answers answers) {
  std::vector<PromptText> texts;
  TRY(ForEachPromptText(file, answers, [&](PromptText text) -> Status {
    texts.push_back(std::move(text));
    return {};
  }));
  return texts;
}

}  // namespace troupe::train
