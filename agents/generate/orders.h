// A generate agent's orders to its engine, out of its configuration and a step's input: how to choose among tokens,
// what the conversation is, what the text must fit. Pure, but for the engine's vocabulary.
#pragma once

#include <memory>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/engine/engine.h"
#include "runtime/text/chat_template.h"
#include "runtime/text/grammar.h"

namespace troupe::generate {

engine::SamplingParams Sampling(const Value& config);

// The prompt of a step as messages, at least one: a text is one user's turn. Errors: INVALID_ARGUMENT naming the field.
Result<std::vector<text::ChatMessage>> Messages(const Value& input, const Value& config);

// What the agent's texts must fit; null where they are free. Errors: INVALID_ARGUMENT.
Result<std::shared_ptr<const text::Grammar>> MakeGrammar(const engine::Engine& engine, const Value& config);

// What the step's text must fit: its own schema, else `usual`. Errors: INVALID_ARGUMENT naming the field.
Result<std::shared_ptr<const text::Grammar>> GrammarOf(const engine::Engine& engine, const Value& input,
                                                       std::shared_ptr<const text::Grammar> usual);

}  // namespace troupe::generate
