// What a scripted agent has been told to do: rules in order, the first that matches an input speaks.
//   rules:
//     - when: {contains: refund}          # or {regex: "order [0-9]+"}; left out: always
//       say: We refund you today.         # text, as output {text}
//       stream: {pieces: 4, delayMs: 20}  # the text in so many pieces, with a pause before each
//     - when: {contains: boom}
//       fail: {code: UNAVAILABLE, message: try again, times: 2, retryAfterMs: 10}   # then the rest of the rule
//       output: {text: at last}
//     - {when: {contains: peer}, ask: {peer: expert, input: {prompt: hm}, orElse: nobody knows}, say: "{answer}, I
//     hear"}
//       # or a list of asks, one after another; {answer}: what they said. Without orElse a refusal fails the step
//   else: {delayMs: 5, say: hello}        # or crash: true, which ends the process
// Without a rule that matches and without else, the agent answers {text: <the input's text>}.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::scripted {

struct Failure {
  Error error;
  // How often, for one rule, before it goes on to what else it says; 0: always.
  int64_t times = 0;
};

struct Question {
  std::string peer;
  Value input;
  // In place of an answer that failed; nothing: the step fails.
  std::optional<std::string> or_else;
};

struct Rule {
  std::string contains;
  std::optional<std::regex> regex;
  int64_t delay_ms = 0;
  std::optional<Failure> failure;
  std::vector<Question> questions;
  std::optional<std::string> say;
  Value output;  // null: none
  int pieces = 0;
  int64_t piece_delay_ms = 0;
  bool crash = false;
  // Which of the script's rules it is: counts how often it failed.
  size_t index = 0;

  bool Matches(const std::string& text) const;
};

struct Script {
  std::vector<Rule> rules;
  std::optional<Rule> otherwise;

  // Null where nothing matches.
  const Rule* Find(const std::string& text) const;
};

// From a configuration's `script`: an object, a YAML text, or null for an empty one. Errors: INVALID_ARGUMENT naming
// the rule and the key.
Result<Script> ParseScript(const Value& config);

// What an input says to rules: its strings, in the order of its keys, joined by blanks.
std::string TextOf(const Value& input);

}  // namespace troupe::scripted
