// The one language of a graph: Jinja, for prompts, inputs and conditions. Strict (an unknown name is an error, so is an
// attribute of none), with an allowed list of filters, tests and functions only (nothing that reads a clock, a file or
// chance), and with limits on work, output and depth, because graphs and what flows through them are untrusted.
// A compiled template is immutable: share one among any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"

struct troupe_template;

namespace troupe::text {

struct TemplateLimits {
  uint64_t fuel = 200'000;  // steps of the template machine; about 10 ms
  size_t source_bytes = 256u << 10;
  size_t output_bytes = 1u << 20;
};

// Where and what. Lines and columns count from 1, columns in bytes; both 0 where the place is not known.
struct TemplateError {
  int line = 0;
  int column = 0;
  std::string message;  // without the place, with a suggestion where there is one
};

class Template {
 public:
  // `name` stands in messages only. On failure `*error`, where given, gets the place for whoever maps it into a larger
  // file; the returned Error says the same as "NAME: line L column C: message". Errors: INVALID_ARGUMENT.
  static Result<Template> Compile(std::string_view name, std::string_view source, TemplateError* error = nullptr,
                                  const TemplateLimits& limits = {});

  Template(Template&&) = default;
  Template& operator=(Template&&) = default;
  Template(const Template&) = default;
  Template& operator=(const Template&) = default;

  // The names that must come from outside, as dotted paths as long as the source says them: "steps.facts.order",
  // "input.message", "part". Sorted, each once. Names set inside (for, set, macro) are not among them.
  const std::vector<std::string>& References() const { return references_; }

  // `context` is an object. Errors: INVALID_ARGUMENT (unknown name, wrong type; with the place), RESOURCE_EXHAUSTED
  // (fuel, output).
  Result<std::string> Render(const Value& context) const;

  // A lone `{{ expression }}` keeps the type of what it gives; anything else gives a string. A plain dotted path is
  // looked up without leaving C++.
  Result<Value> Evaluate(const Value& context) const;

  // True where the source is a lone `{{ expression }}`, blanks around it aside.
  bool IsExpression() const { return is_expression_; }
  // The path of a lone `{{ a.b.c }}`; empty for everything else.
  const std::vector<std::string>& PlainPath() const { return path_; }
  // True where nothing is to be rendered: no braces in the source.
  bool IsLiteral() const { return is_literal_; }
  const std::string& name() const { return name_; }
  const std::string& source() const { return source_; }

 private:
  Template() = default;

  std::string name_;
  std::string source_;
  std::shared_ptr<troupe_template> raw_;
  std::vector<std::string> references_;
  std::vector<std::string> path_;
  size_t max_output_bytes_ = 0;
  bool is_expression_ = false;
  bool is_literal_ = false;
};

// What a template may use, sorted: for docs, lint and suggestions.
std::vector<std::string> AllowedFilters();
std::vector<std::string> AllowedTests();
std::vector<std::string> AllowedFunctions();

}  // namespace troupe::text
