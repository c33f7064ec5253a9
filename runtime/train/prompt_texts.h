// Prompts with the answers that a decoder is to give, as files have them: JSON lines, each an object with "prompt" (a
// text, or a list of {role, content}, as `kind: generate` takes it) and "answer", or "text" and "label" as lessons of
// steps that classify have them (`troupe learn export`). Strangers' files: all must be UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/text/chat_template.h"

namespace troupe::train {

struct PromptText {
  std::vector<text::ChatMessage> prompt;  // at least one message
  std::string answer;                     // empty: none
  // Where it stands, for messages: "desk.jsonl:17".
  std::string place;
};

enum class Answers : uint8_t { kRequired, kOptional };

// Calls `take` with each text, one after the other, so that a file may be larger than memory. Errors: NOT_FOUND;
// INVALID_ARGUMENT for a file without prompts, a field that is missing, empty or of another type, a line of more than
// 16 MiB, each with file and line; those of `take`, which end it.
Status ForEachPromptText(const std::filesystem::path& file, Answers answers,
                         const std::function<Status(PromptText text)>& take);
// All of them. Errors: ForEachPromptText's.
Result<std::vector<PromptText>> ReadPromptTexts(const std::filesystem::path& file, Answers answers);

}  // namespace troupe::train
