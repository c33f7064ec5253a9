// What is asked of a model for a text with slots, and what is taken from it. A model writes prose: words, and each slot
// as {{name}}. Its tokens are held to a grammar, so that no slot is left out and none is written twice, and so that
// nothing it could say is markup, a template or a control character. What comes back is held to the same signs again,
// because not every writer keeps to grammars. Pure.
#pragma once

#include <string>
#include <string_view>

#include "router/content/content_set.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::content {

// The JSON Schema for {"text": "..."}: the set's slots in their order, each once (one that is optional once or not at
// all), set off from words by blanks and signs; between them words, no more than the set's checks allow all together.
Value ProseSchema(const ContentSet& set);

// What a task gave: {"text": "..."}, as an object or as its JSON, or the bare text. Errors: INVALID_ARGUMENT for
// anything else, a text that broke off included.
Result<std::string> ProseIn(const Value& output);

// Prose as a text of the set: its words escaped for HTML, or all of it a JSON string. Errors: INVALID_ARGUMENT for
// signs that no prose has, and for wrong slots.
Result<std::string> TextOfProse(std::string_view prose, const ContentSet& set);

}  // namespace troupe::content
