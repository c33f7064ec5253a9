// How a model wants a conversation written: the `chat_template` of tokenizer_config.json or of a GGUF's metadata, which
// is Jinja as transformers runs it (trim_blocks, lstrip_blocks, Python's string methods, raise_exception, tojson).
// strftime_now gives a fixed date, so that a prompt depends on nothing but its input. Immutable; share freely.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/text/template.h"

namespace troupe::text {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

enum class GenerationPrompt : uint8_t { kAdd, kOmit };

class ChatTemplate {
 public:
  // `bos` and `eos` are the special tokens as text. Errors: INVALID_ARGUMENT with line and column.
  static Result<ChatTemplate> Compile(std::string_view source, std::string_view bos, std::string_view eos);

  // Text to be encoded with Specials::kInText. Errors: INVALID_ARGUMENT (also what the template itself raises).
  // Content is put in as it is: who lets strangers write content takes special tokens out of it first.
  Result<std::string> Render(std::span<const ChatMessage> messages,
                             GenerationPrompt prompt = GenerationPrompt::kAdd) const;

 private:
  ChatTemplate() = default;

  std::shared_ptr<troupe_template> raw_;
  std::string bos_;
  std::string eos_;
};

}  // namespace troupe::text
