#include "runtime/train/chat_encoder.h"

#include <utility>

namespace troupe::train {

Result<ChatEncoder> ChatEncoder::Make(const model::ModelFiles& files) {
  if (files.chat_template.empty()) {
    return FailedPrecondition(files.path.string() +
                              ": the model has no chat template, so it does not know what a prompt is; take one that "
                              "was made for conversations");
  }
  const auto named = files.tokenizer->IdOf(files.eos);
  if (!named && files.end_ids.empty()) {
    return FailedPrecondition(files.path.string() + ": the model has no token that ends a text");
  }
  TRY_ASSIGN(text::ChatTemplate chat, text::ChatTemplate::Compile(files.chat_template, files.bos, files.eos));
  return ChatEncoder(files, std::move(chat), named ? *named : files.end_ids.front());
}

ChatEncoder::ChatEncoder(const model::ModelFiles& files, text::ChatTemplate chat, int32_t end)
    : tokenizer_(files.tokenizer),
      chat_(std::move(chat)),
      end_(end),
      max_tokens_(static_cast<size_t>(files.config.max_positions)) {
  for (int32_t id = 0; id < tokenizer_->vocab_size(); ++id) {
    if (tokenizer_->IsSpecial(id) && !tokenizer_->TokenName(id).empty()) {
      specials_.emplace_back(tokenizer_->TokenName(id));
    }
  }
}

Status ChatEncoder::CheckLetters(const std::string& text, const std::string& place) const {
  for (const std::string& special : specials_) {
    if (text.find(special) == text.npos) continue;
    return Invalid(place + ": the special token " + special + " is spelled out in the text: take it out");
  }
  return {};
}

std::vector<text::ChatMessage> ChatEncoder::WithExamples(const std::vector<text::ChatMessage>& prompt,
                                                         std::span<const PromptText> examples) {
  std::vector<text::ChatMessage> whole(prompt.begin(), prompt.end() - 1);
  for (const PromptText& example : examples) {
    whole.push_back(example.prompt.back());
    whole.push_back({"assistant", example.answer});
  }
  whole.push_back(prompt.back());
  return whole;
}

Result<std::vector<int32_t>> ChatEncoder::EncodePrompt(std::span<const text::ChatMessage> prompt,
                                                       const std::string& place) const {
  for (const text::ChatMessage& message : prompt) TRY(CheckLetters(message.content, place));
  const auto rendered = chat_.Render(prompt);
  if (!rendered) return Invalid(place + ": " + rendered.error().message);
  return tokenizer_->Encode(*rendered, text::Specials::kInText);
}

Result<PromptAnswer> ChatEncoder::Encode(const PromptText& text) const {
  PromptAnswer encoded;
  TRY_ASSIGN(encoded.prompt, EncodePrompt(text.prompt, text.place));
  if (!text.answer.empty()) {
    TRY(CheckLetters(text.answer, text.place));
    TRY_ASSIGN(encoded.answer, tokenizer_->Encode(text.answer, text::Specials::kPlain));
    encoded.answer.push_back(end_);
  }
  if (encoded.size() > max_tokens_) {
    return Invalid(text.place + ": " + std::to_string(encoded.size()) + " tokens, the model reads " +
                   std::to_string(max_tokens_) + ": shorten it or take it out");
  }
  return encoded;
}

}  // namespace troupe::train
