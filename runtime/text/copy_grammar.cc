#include "runtime/text/copy_grammar.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace troupe::text {
namespace {

constexpr size_t kMaxSourceBytes = 64u << 10;
constexpr size_t kMaxItems = 64;
constexpr int kMaxDepth = 16;

// Code points of `text`, each as the bytes it takes; a broken byte counts as one.
size_t CharBytes(std::string_view text) {
  auto first = static_cast<uint8_t>(text[0]);
  size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(length, text.size());
}

bool IsAsciiLetter(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Letters of scripts that put blanks between words. The others (Thai, CJK, emoji) are cut character by character.
bool IsWordChar(std::string_view character) {
  if (character.size() == 1) return IsAsciiLetter(character[0]);
  auto first = static_cast<uint8_t>(character[0]);
  if (character.size() == 2) return true;                                         // up to U+07FF: Latin to Arabic
  if (first == 0xE0) return !(character[1] >= '\xB8' && character[1] <= '\xBB');  // Thai and Lao
  return first == 0xE1;                                                           // U+1000 to U+1FFF
}

// Cuts a text where a copy may begin or end. "A-1042", "49.99" and "ann@shop.com" are one piece each.
std::vector<std::string> WordPieces(std::string_view text) {
  constexpr std::string_view kJoiners = "-_./@'+#%&";
  std::vector<std::string> pieces;
  std::string word;
  auto end_word = [&] {
    if (!word.empty()) pieces.push_back(std::exchange(word, {}));
  };
  while (!text.empty()) {
    std::string_view character = text.substr(0, CharBytes(text));
    std::string_view next = text.substr(character.size());
    bool joins = !word.empty() && character.size() == 1 && kJoiners.find(character[0]) != kJoiners.npos &&
                 !next.empty() && IsWordChar(next.substr(0, CharBytes(next)));
    if (IsWordChar(character) || joins) {
      word += character;
    } else {
      end_word();
      pieces.emplace_back(character);
    }
    text = next;
  }
  end_word();
  return pieces;
}

std::vector<std::string> Pieces(std::string_view text, CopyUnit unit) {
  if (unit == CopyUnit::kWords) return WordPieces(text);
  std::vector<std::string> pieces;
  for (; !text.empty(); text.remove_prefix(pieces.back().size())) pieces.emplace_back(text.substr(0, CharBytes(text)));
  return pieces;
}

// The inside of a JSON string.
std::string JsonBody(const std::string& text) {
  std::string quoted = Dump(text);
  return quoted.substr(1, quoted.size() - 2);
}

// A Lark string literal; the same escapes as JSON's.
std::string Literal(const std::string& text) { return Dump(text); }

class Writer {
 public:
  explicit Writer(const JsonOptions& options) : options_(options) {}

  Result<std::string> Write(const Value& schema) {
    TRY_ASSIGN(std::string start, Rule(schema, "$", 0));
    return "start: " + start + "\n" + rules_;
  }

 private:
  std::string Add(const std::string& prefix, const std::string& body) {
    std::string name = prefix + std::to_string(++count_);
    rules_ += name + ": " + body + "\n";
    return name;
  }

  Error Refuse(const std::string& path, const std::string& why) { return Invalid("schema at " + path + ": " + why); }

  Result<std::string> Rule(const Value& schema, const std::string& path, int depth) {
    if (depth > kMaxDepth) return Refuse(path, "nested too deep around a copied field");
    if (!HasCopies(schema)) {
      Value strict = schema;
      if (strict.is_object()) {
        strict["x-guidance"] = {{"whitespace_flexible", false}, {"item_separator", ", "}, {"key_separator", ": "}};
      }
      return Add("json", "%json " + Dump(strict));
    }
    if (schema.contains("$ref") || schema.contains("allOf") || schema.contains("oneOf") || schema.contains("if")) {
      return Refuse(path, "'$ref', 'allOf', 'oneOf' and 'if' cannot stand around a field with x-copy");
    }
    if (auto any = schema.find("anyOf"); any != schema.end()) return AnyOf(*any, path, depth);
    std::set<std::string> types = Types(schema);
    bool nullable = types.erase("null") > 0;
    if (types.size() != 1) return Refuse(path, "a field with x-copy needs one type, besides 'null'");
    std::string body;
    if (types.contains("object")) {
      TRY_ASSIGN(body, Object(schema, path, depth));
    } else if (types.contains("array")) {
      TRY_ASSIGN(body, Array(schema, path, depth));
    } else if (types.contains("string")) {
      TRY_ASSIGN(body, Copy(schema, path, nullable));
    } else {
      return Refuse(path, "x-copy stands on strings only");
    }
    return nullable ? Add("v", body + " | \"null\"") : body;
  }

  static std::set<std::string> Types(const Value& schema) {
    std::set<std::string> types;
    auto type = schema.find("type");
    if (type == schema.end()) {
      types.insert(schema.contains("properties") ? "object" : schema.contains("items") ? "array" : "string");
    } else if (type->is_string()) {
      types.insert(type->get<std::string>());
    } else if (type->is_array()) {
      for (const Value& one : *type) types.insert(one.is_string() ? one.get<std::string>() : "?");
    }
    return types;
  }

  Result<std::string> AnyOf(const Value& choices, const std::string& path, int depth) {
    if (!choices.is_array() || choices.empty()) return Refuse(path + ".anyOf", "must be a list of schemas");
    std::string body;
    for (size_t i = 0; i < choices.size(); ++i) {
      TRY_ASSIGN(std::string one, Rule(choices[i], path + ".anyOf[" + std::to_string(i) + "]", depth + 1));
      body += (i == 0 ? "" : " | ") + one;
    }
    return Add("any", body);
  }

  // Properties in the schema's order (sorted by name, as Value keeps them). Two rules a property, because whether a
  // comma comes first depends on whether something came before.
  Result<std::string> Object(const Value& schema, const std::string& path, int depth) {
    auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object()) return Refuse(path, "'properties' is missing");
    for (const char* key : {"patternProperties", "minProperties", "maxProperties", "propertyNames"}) {
      if (schema.contains(key)) return Refuse(path, std::string("'") + key + "' cannot stand around x-copy");
    }
    std::set<std::string> required;
    if (auto list = schema.find("required"); list != schema.end() && list->is_array()) {
      for (const Value& name : *list) {
        if (name.is_string()) required.insert(name.get<std::string>());
      }
    }
    // From the last one backwards: rest[0] where nothing stands before, rest[1] where something does.
    std::array<std::string, 2> rest = {"\"}\"", "\"}\""};
    std::vector<std::pair<std::string, const Value*>> fields;
    for (auto& [name, value] : properties->items()) fields.emplace_back(name, &value);
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
      const std::string& name = field->first;
      TRY_ASSIGN(std::string value, Rule(*field->second, path + "." + name, depth + 1));
      bool optional = required.erase(name) == 0;
      std::array<std::string, 2> here;
      for (size_t after : {0u, 1u}) {
        std::string key = Literal((after ? ", " : "") + Dump(name) + ": ");
        std::string body = key + " " + value + " " + rest[1];
        if (optional) body += " | " + rest[after];
        here[after] = Add("o", body);
      }
      rest = here;
    }
    if (!required.empty()) return Refuse(path, "'" + *required.begin() + "' is required but not among the properties");
    return Add("obj", "\"{\" " + rest[0]);
  }

  Result<std::string> Array(const Value& schema, const std::string& path, int depth) {
    auto items = schema.find("items");
    if (items == schema.end()) return Refuse(path, "'items' is missing");
    TRY_ASSIGN(std::string item, Rule(*items, path + ".items", depth + 1));
    size_t least = Number(schema, "minItems", 0), most = std::min(Number(schema, "maxItems", kMaxItems), kMaxItems);
    if (least > most) return Refuse(path, "minItems is above maxItems");
    if (most == 0) return Add("arr", "\"[]\"");
    std::string more = Add("more", "\", \" " + item);
    size_t more_least = least == 0 ? 0 : least - 1;
    std::string body =
        "\"[\" " + item + " " + more + "{" + std::to_string(more_least) + "," + std::to_string(most - 1) + "} \"]\"";
    if (least == 0) body += " | \"[]\"";
    return Add("arr", body);
  }

  static size_t Number(const Value& schema, const char* key, size_t otherwise) {
    auto found = schema.find(key);
    const bool is_count = found != schema.end() && found->is_number_integer() && *found >= 0;
    return is_count ? found->get<size_t>() : otherwise;
  }

  // A string that is a run of the source's pieces. Where nothing may be copied: the empty string if `schema` allows it,
  // else nothing ("").
  Result<std::string> Copy(const Value& schema, const std::string& path, bool nullable) {
    if (schema.contains("enum") || schema.contains("format")) {
      return Refuse(path, "x-copy goes with pattern, minLength and maxLength only");
    }
    // null is how a nullable field says that there is nothing.
    size_t least = Number(schema, "minLength", nullable ? 1 : 0);
    size_t most = std::min<size_t>(Number(schema, "maxLength", options_.copy_max_chars), options_.copy_max_chars);
    if (least > most) return Refuse(path, "minLength is above maxLength, or above what may be copied");
    std::string pattern;
    if (auto found = schema.find("pattern"); found != schema.end()) {
      if (!found->is_string()) return Refuse(path, "'pattern' must be a string");
      pattern = WholePattern(found->get<std::string>());
    }
    if (runs_.empty()) AddRuns();
    // Length in characters; an escape counts as one. No blank at either end.
    std::string one = R"((\\u[0-9a-f]{4}|\\[^u]|[^\\]))", solid = R"((\\u[0-9a-f]{4}|\\["\\\/]|[^\\ ]))";
    size_t first = std::max<size_t>(least, 1);
    std::string body = runs_ + " & /(?s:" + one + "{" + std::to_string(first) + "," + std::to_string(most) + "})/" +
                       " & /(?s:" + solid + "(" + one + "*" + solid + ")?)/";
    if (!pattern.empty()) body += " & /" + pattern + "/";
    auto [known, is_new] = copies_.try_emplace(body, "COPY" + std::to_string(copies_.size() + 1));
    if (is_new) rules_ += known->second + ": \"\\\"\" (" + body + ") \"\\\"\"\n";
    bool may_be_empty = least == 0 && pattern.empty();
    return may_be_empty ? Add("v", known->second + " | \"\\\"\\\"\"") : known->second;
  }

  // A regular expression for Lark's slashes. JSON Schema lets a pattern match anywhere; of a copy it is the whole,
  // which is what "[0-9]{4,8}" on an order number means.
  static std::string WholePattern(std::string_view pattern) {
    if (pattern.starts_with('^')) pattern.remove_prefix(1);
    if (pattern.ends_with('$') && !pattern.ends_with("\\$")) pattern.remove_suffix(1);
    std::string out = "(?s:";
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '\\' && i + 1 < pattern.size())
        out += pattern[i++];
      else if (pattern[i] == '/')
        out += '\\';
      out += pattern[i];
    }
    return out + ")";
  }

  void AddRuns() {
    runs_ = "RUNS";
    Value chunks = Value::array();
    for (const std::string& piece : Pieces(options_.copy_source, options_.copy_unit)) chunks.push_back(JsonBody(piece));
    rules_ += "RUNS: %regex " + Dump({{"substring_chunks", chunks}}) + "\n";
  }

  const JsonOptions& options_;
  std::string rules_;
  std::string runs_;
  std::map<std::string, std::string> copies_;  // a terminal's body to its name
  int count_ = 0;
};

}  // namespace

bool HasCopies(const Value& schema) {
  if (schema.is_array()) return std::any_of(schema.begin(), schema.end(), HasCopies);
  if (!schema.is_object()) return false;
  auto mark = schema.find("x-copy");
  if (mark != schema.end() && mark->is_boolean() && mark->get<bool>()) return true;
  for (auto& [key, value] : schema.items()) {
    if (key != "enum" && key != "const" && key != "examples" && key != "default" && HasCopies(value)) return true;
  }
  return false;
}

Result<std::string> CopyGrammar(const Value& schema, const JsonOptions& options) {
  if (options.copy_source.size() > kMaxSourceBytes) {
    return Invalid("the text to copy from has " + std::to_string(options.copy_source.size()) + " bytes; at most " +
                   std::to_string(kMaxSourceBytes) + " are possible");
  }
  return Writer(options).Write(schema);
}

}  // namespace troupe::text
