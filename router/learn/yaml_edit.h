// Small changes to a YAML text that leave all else as it is, comments and quotes too: scalars are replaced where they
// stand. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/error.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::learn {

class YamlEdit {
 public:
  // `text` must outlive it; nodes are of a tree that was read from it.
  YamlEdit(std::string_view text, std::string file_name) : text_(text), file_name_(std::move(file_name)) {}

  // Puts a text or a number in a scalar's place. Errors: INVALID_ARGUMENT where the scalar is not written as one word
  // or one quoted text, as one in a block, with escapes or by an alias is not.
  Status Text(const kind::YamlNode& scalar, const std::string& text);
  Status Number(const kind::YamlNode& scalar, double number);

  std::string Take() const;

 private:
  struct Replacement {
    size_t length = 0;
    std::string text;
  };
  Status Replace(const kind::YamlNode& scalar, std::string with);

  const std::string_view text_;
  const std::string file_name_;
  // By where it begins.
  std::map<size_t, Replacement> replacements_;
};

}  // namespace troupe::learn
