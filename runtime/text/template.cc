#include "runtime/text/template.h"

#include <utility>

#include "runtime/text/rust_bridge.h"

namespace troupe::text {
namespace {

std::string Placed(std::string_view name, const TemplateError& error) {
  std::string text(name);
  if (error.line > 0) {
    text += ": line " + std::to_string(error.line) + " column " + std::to_string(error.column);
  }
  return text + ": " + error.message;
}

Error Explain(std::string_view name, const troupe_text_error& raw, TemplateError* out = nullptr) {
  Error error = TakeError(raw);
  TemplateError place{static_cast<int>(raw.line), static_cast<int>(raw.column), error.message};
  error.message = Placed(name, place);
  if (out != nullptr) *out = std::move(place);
  return error;
}

// Copies into `to` the part of `from` that `path` ("a.b.c") names, as deep as both go. What is there but not an object
// is copied whole, so that the template finds the same as in the full context.
void CopyPath(const Value& from, std::string_view path, Value& to) {
  const Value* source = &from;
  Value* target = &to;
  while (true) {
    size_t dot = path.find('.');
    std::string key(path.substr(0, dot));
    auto found = source->find(key);
    if (found == source->end()) return;
    bool last = dot == path.npos;
    if (last || !found->is_object()) {
      (*target)[key] = *found;
      return;
    }
    Value& next = (*target)[key];
    if (next.is_null()) next = Value::object();
    source = &*found;
    target = &next;
    path.remove_prefix(dot + 1);
  }
}

// Only what the template refers to crosses into Rust: contexts can be large, templates rarely need much of them.
std::string NeededContext(const std::vector<std::string>& references, const Value& context) {
  Value needed = Value::object();
  // Sorted, so a whole ("steps") comes before its parts ("steps.a"), which then add nothing.
  std::string_view whole;
  for (const std::string& path : references) {
    bool covered = !whole.empty() && path.starts_with(whole) && path.size() > whole.size() && path[whole.size()] == '.';
    if (covered) continue;
    whole = path;
    CopyPath(context, path, needed);
  }
  return Dump(needed);
}

std::vector<std::string> Allowed(uint32_t kind) {
  troupe_text_error error;
  RustBytes names;
  if (!troupe_template_allowed(kind, &names, &error)) {
    (void)TakeError(error);
    return {};
  }
  return Lines(names.view());
}

}  // namespace

Result<Template> Template::Compile(std::string_view name, std::string_view source, TemplateError* error,
                                   const TemplateLimits& limits) {
  auto refuse = [&](std::string message) {
    TemplateError place{0, 0, std::move(message)};
    Error refused = Invalid(Placed(name, place));
    if (error != nullptr) *error = std::move(place);
    return refused;
  };
  if (source.size() > limits.source_bytes) {
    return refuse("the template has " + std::to_string(source.size()) + " bytes; at most " +
                  std::to_string(limits.source_bytes) + " are possible");
  }
  Template made;
  made.name_ = name;
  made.source_ = source;
  made.max_output_bytes_ = limits.output_bytes;
  troupe_text_error failure;
  troupe_template* raw = nullptr;
  if (!troupe_template_compile(Data(source), source.size(), true, limits.fuel, &raw, &failure)) {
    return Explain(name, failure, error);
  }
  made.raw_ = {raw, troupe_template_free};
  troupe_template_info info{};
  if (!troupe_template_info_of(raw, &info, &failure)) return Explain(name, failure, error);
  RustBytes references(info.references), path(info.path);
  made.references_ = Lines(references.view());
  made.path_ = Lines(path.view());
  made.is_expression_ = info.is_expression;
  made.is_literal_ =
      source.find("{{") == source.npos && source.find("{%") == source.npos && source.find("{#") == source.npos;
  return made;
}

Result<std::string> Template::Render(const Value& context) const {
  if (is_literal_) return source_;
  std::string needed = NeededContext(references_, context);
  troupe_text_error error;
  RustBytes out;
  if (!troupe_template_render(raw_.get(), Data(needed), needed.size(), max_output_bytes_, &out, &error)) {
    return Explain(name_, error);
  }
  return std::string(out.view());
}

Result<Value> Template::Evaluate(const Value& context) const {
  if (is_literal_) return Value(source_);
  if (!path_.empty()) {
    const Value* at = &context;
    for (const std::string& key : path_) {
      auto found = at->is_object() ? at->find(key) : at->end();
      if (found == at->end()) {
        at = nullptr;
        break;
      }
      at = &*found;
    }
    if (at != nullptr) return *at;
    // Not found: the slow path says so with its place.
  }
  std::string needed = NeededContext(references_, context);
  troupe_text_error error;
  RustBytes out;
  if (!troupe_template_evaluate(raw_.get(), Data(needed), needed.size(), max_output_bytes_, &out, &error)) {
    return Explain(name_, error);
  }
  return ParseValue(out.view());
}

std::vector<std::string> AllowedFilters() { return Allowed(0); }
std::vector<std::string> AllowedTests() { return Allowed(1); }
std::vector<std::string> AllowedFunctions() { return Allowed(2); }

}  // namespace troupe::text
