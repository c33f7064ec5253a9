#include "runtime/text/chat_template.h"

#include <utility>

#include "runtime/base/value.h"
#include "runtime/text/rust_bridge.h"

namespace troupe::text {
namespace {

constexpr TemplateLimits kLimits{.fuel = 2'000'000, .source_bytes = 256u << 10, .output_bytes = 8u << 20};

Error Explain(const troupe_text_error& raw) {
  std::string about = "chat template";
  if (raw.line > 0) about += ": line " + std::to_string(raw.line) + " column " + std::to_string(raw.column);
  return TakeError(raw, about + ": ");
}

}  // namespace

Result<ChatTemplate> ChatTemplate::Compile(std::string_view source, std::string_view bos, std::string_view eos) {
  if (source.size() > kLimits.source_bytes) {
    return Invalid("the chat template has " + std::to_string(source.size()) + " bytes; at most " +
                   std::to_string(kLimits.source_bytes) + " are possible");
  }
  troupe_text_error error;
  troupe_template* raw = nullptr;
  if (!troupe_template_compile(Data(source), source.size(), false, kLimits.fuel, &raw, &error)) {
    return Explain(error);
  }
  ChatTemplate made;
  made.raw_ = {raw, troupe_template_free};
  made.bos_ = bos;
  made.eos_ = eos;
  return made;
}

Result<std::string> ChatTemplate::Render(std::span<const ChatMessage> messages, GenerationPrompt prompt) const {
  Value list = Value::array();
  for (const ChatMessage& message : messages) {
    list.push_back({{"role", message.role}, {"content", message.content}});
  }
  std::string context = Dump({{"messages", std::move(list)},
                              {"add_generation_prompt", prompt == GenerationPrompt::kAdd},
                              {"bos_token", bos_},
                              {"eos_token", eos_}});
  troupe_text_error error;
  RustBytes out;
  if (!troupe_template_render(raw_.get(), Data(context), context.size(), kLimits.output_bytes, &out, &error)) {
    return Explain(error);
  }
  return std::string(out.view());
}

}  // namespace troupe::text
