// Private to runtime/text: a JSON schema with copied fields, as a Lark grammar. The JSON around the copies is spelled
// out as rules, parts of the schema without copies stay `%json`, and a copied string is a run of pieces of the source
// text (a suffix automaton, so its size is linear in the text).
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/text/grammar.h"

namespace troupe::text {

// True where `"x-copy": true` stands anywhere in the schema.
bool HasCopies(const Value& schema);

// Errors: INVALID_ARGUMENT with the path within the schema, for what cannot stand around a copied field.
Result<std::string> CopyGrammar(const Value& schema, const JsonOptions& options);

}  // namespace troupe::text
