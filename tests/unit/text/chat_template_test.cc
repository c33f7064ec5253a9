#include "runtime/text/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "runtime/base/value.h"
#include "tests/support/places.h"

namespace troupe::text {
namespace {

using testing::HasSubstr;

// The chat_template of SmolLM2-135M-Instruct, as its GGUF carries it.
constexpr std::string_view kSmolLm2 =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou "
    "are "
    "a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + "
    "message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ "
    "'<|im_start|>assistant\n' }}{% endif %}";

TEST(ChatTemplate, SmolLm2WithItsOwnSystemMessage) {
  auto chat = ChatTemplate::Compile(kSmolLm2, "<|im_start|>", "<|im_end|>");
  ASSERT_TRUE(chat) << chat.error().message;
  ChatMessage messages[] = {{"user", "Where is my order?"}};
  EXPECT_EQ(*chat->Render(messages),
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
            "<|im_start|>user\nWhere is my order?<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplate, SmolLm2ConversationWithoutGenerationPrompt) {
  auto chat = ChatTemplate::Compile(kSmolLm2, "<|im_start|>", "<|im_end|>");
  ASSERT_TRUE(chat);
  ChatMessage messages[] = {{"system", "Be brief."}, {"user", "hi <b>\"&\"</b>"}, {"assistant", "Hello."}};
  EXPECT_EQ(*chat->Render(messages, GenerationPrompt::kOmit),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi <b>\"&\"</b><|im_end|>\n"
            "<|im_start|>assistant\nHello.<|im_end|>\n");
}

TEST(ChatTemplate, PythonMethodsAndTrimmedBlocks) {
  auto chat = ChatTemplate::Compile(
      "{{ bos_token }}\n"
      "{% for m in messages %}\n"
      "    {% if m.role.startswith('us') %}\n"
      "[{{ m['content'].strip() }}]\n"
      "    {% else %}\n"
      "{{ m.content.split('|')[-1].upper() }}{{ m | tojson }}{{ eos_token }}\n"
      "    {% endif %}\n"
      "{% endfor %}\n"
      "{{ tools }}{% if tools is defined %}never{% endif %}{{ strftime_now('%d %b %Y') }}",
      "<s>", "</s>");
  ASSERT_TRUE(chat) << chat.error().message;
  ChatMessage messages[] = {{"user", "  a  "}, {"assistant", "x|y"}};
  auto text = chat->Render(messages);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, "<s>\n[a]\nY{\"content\": \"x|y\", \"role\": \"assistant\"}</s>\n26 Jul 2024");
}

// What families' templates use of Jinja, as transformers renders it (golden/make_chat_templates.py).
TEST(ChatTemplate, FamiliesTemplatesRenderAsInTransformers) {
  std::ifstream file(SourcePath("tests/unit/text/golden/chat_templates.json"));
  const Value golden = Value::parse(file);
  EXPECT_EQ(golden["templates"].size(), 6u);
  for (const Value& item : golden["cases"]) {
    const auto name = item["template"].get<std::string>();
    SCOPED_TRACE(name + ": " + item["messages"].dump());
    auto chat = ChatTemplate::Compile(golden["templates"][name].get<std::string>(), "<s>", "</s>");
    ASSERT_TRUE(chat) << chat.error().message;
    std::vector<ChatMessage> messages;
    for (const Value& message : item["messages"]) messages.push_back({message["role"], message["content"]});
    const bool adds = item["add_generation_prompt"].get<bool>();
    auto text = chat->Render(messages, adds ? GenerationPrompt::kAdd : GenerationPrompt::kOmit);
    if (item.contains("raises")) {
      ASSERT_FALSE(text);
      EXPECT_THAT(text.error().message, HasSubstr(item["raises"].get<std::string>()));
    } else {
      ASSERT_TRUE(text) << text.error().message;
      EXPECT_EQ(*text, item["expected"].get<std::string>());
    }
  }
}

TEST(ChatTemplate, GenerationTagsKeepTheirPlaceInMessages) {
  auto chat = ChatTemplate::Compile("a{% generation %}b{%- set x = 1 %}{% endgeneration %}{{ x }}|{{ '{% generation %}' }}",
                                    "", "");
  ASSERT_TRUE(chat) << chat.error().message;
  EXPECT_EQ(*chat->Render({}), "ab|{% generation %}");
  auto broken = ChatTemplate::Compile("{% generation %}\n{{ 1 + }}{% endgeneration %}", "", "");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("line 2 column"));
  EXPECT_FALSE(ChatTemplate::Compile("{% generation %}never closed", "", ""));
}

TEST(ChatTemplate, WhatTheTemplateRaisesIsAnError) {
  auto chat = ChatTemplate::Compile(
      "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
      "{% endfor %}",
      "", "");
  ASSERT_TRUE(chat);
  ChatMessage messages[] = {{"system", "x"}};
  auto text = chat->Render(messages);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::kInvalidArgument);
  EXPECT_THAT(text.error().message, HasSubstr("System role not supported"));
}

TEST(ChatTemplate, BadOnesAreRefused) {
  auto chat = ChatTemplate::Compile("{% for %}", "", "");
  ASSERT_FALSE(chat);
  EXPECT_THAT(chat.error().message, HasSubstr("line 1 column"));
  auto endless = ChatTemplate::Compile(
      "{% for a in range(9999) %}{% for b in range(9999) %}{{ '' }}{% endfor %}{% endfor %}", "", "");
  ASSERT_TRUE(endless);
  EXPECT_EQ(endless->Render({}).error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace troupe::text
