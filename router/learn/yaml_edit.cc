#include "router/learn/yaml_edit.h"

#include <cstdio>

#include "runtime/base/value.h"

namespace troupe::learn {
namespace {

// Where a line begins, from 1; past the end for one that is not there.
size_t LineStart(std::string_view text, int line) {
  size_t at = 0;
  for (int i = 1; i < line; ++i) {
    const size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  return at;
}

}  // namespace

Status YamlEdit::Text(const kind::YamlNode& scalar, const std::string& text) {
  // JSON's strings are YAML's too
  return Replace(scalar, Dump(Value(text)));
}

Status YamlEdit::Number(const kind::YamlNode& scalar, double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return Replace(scalar, text);
}

Status YamlEdit::Replace(const kind::YamlNode& scalar, std::string with) {
  const size_t at = LineStart(text_, scalar.line) + static_cast<size_t>(scalar.column > 0 ? scalar.column - 1 : 0);
  const std::string_view rest = at < text_.size() ? text_.substr(at) : std::string_view();
  for (const std::string quote : {"", "\"", "'"}) {
    const std::string written = quote + scalar.text + quote;
    if (quote.empty() == scalar.quoted || scalar.text.empty() || !rest.starts_with(written)) continue;
    replacements_[at] = {written.size(), std::move(with)};
    return {};
  }
  return Invalid(file_name_ + ":" + std::to_string(scalar.line) + ":" + std::to_string(scalar.column) + ": '" +
                 scalar.text + "' must be written as one word or one quoted text, so that it can be replaced");
}

std::string YamlEdit::Take() const {
  std::string out(text_);
  for (auto one = replacements_.rbegin(); one != replacements_.rend(); ++one) {
    out.replace(one->first, one->second.length, one->second.text);
  }
  return out;
}

}  // namespace troupe::learn
