// The language model of an agent, and conversations as its tokens: for every kind that writes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/host/kind.h"
#include "runtime/engine/engine.h"
#include "runtime/text/chat_template.h"

namespace troupe::generate {

// Loads the spec's model on its device with its threads, and checks its digest; `slots` sequences run at once. Takes
// seconds. Errors: FAILED_PRECONDITION where the spec names no model or another digest; else as Engine::Load.
Result<std::unique_ptr<engine::Engine>> LoadEngine(const host::Spec& spec, int slots);

// As the model's chat template writes it, ready for the answer. Special tokens spelled out in the messages are taken
// out first, so that what a stranger wrote cannot end a turn. Errors: FAILED_PRECONDITION for a model without a
// template.
Result<std::vector<text::TokenId>> EncodeChat(const engine::Engine& engine, std::vector<text::ChatMessage> messages);

// A text as it stands, with the tokens that the model begins a text with.
Result<std::vector<text::TokenId>> EncodePlain(const engine::Engine& engine, const std::string& text);

host::Pages PagesOf(const engine::Engine& engine);
host::Usage UsageOf(const engine::Usage& usage);

}  // namespace troupe::generate
