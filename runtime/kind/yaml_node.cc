#include "runtime/kind/yaml_node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <utility>

#include "runtime/base/utf8.h"

namespace troupe::kind {
namespace {

struct TooMuch {
  int line;
  int column;
  std::string message;
};

size_t CountValues(const YamlNode& node) {
  size_t count = 1;
  for (const auto& item : node.items) count += CountValues(item);
  for (const auto& entry : node.entries) count += 1 + CountValues(entry.value);
  return count;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const YamlLimits& limits) : limits_(limits) {}

  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Add(At(mark), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw TooMuch{mark.line + 1, mark.column + 1, "an alias inside of what it stands for"};
    Count(found->second.second, mark);
    Add(found->second.first, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckTag(tag, mark);
    YamlNode node = At(mark);
    node.kind = YamlNode::Kind::kScalar;
    node.text = value;
    node.quoted = tag == "!";
    Add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    YamlNode key;
    // Of the maps that "<<" names, the first to be heard first (https://yaml.org/type/merge.html).
    std::vector<YamlEntry> merged;
  };

  YamlNode At(const YAML::Mark& mark) {
    Count(1, mark);
    YamlNode node;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void Count(size_t values, const YAML::Mark& mark) {
    values_ += values;
    if (values_ > limits_.max_values) {
      throw TooMuch{
          mark.line + 1, mark.column + 1,
          "more than " + std::to_string(limits_.max_values) + " values, aliases unfolded; write fewer, or name a file"};
    }
  }

  void CheckTag(const std::string& tag, const YAML::Mark& mark) {
    if (tag.size() > 1) {
      throw TooMuch{mark.line + 1, mark.column + 1, "the YAML tag '" + tag + "' is not supported; remove it"};
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    CheckTag(tag, mark);
    if (static_cast<int>(stack_.size()) >= limits_.max_depth) {
      throw TooMuch{mark.line + 1, mark.column + 1,
                    "nested deeper than " + std::to_string(limits_.max_depth) + " levels; flatten it"};
    }
    Frame frame;
    frame.node = At(mark);
    frame.node.kind = kind;
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    // what the map says itself comes first, wherever it stands
    std::set<std::string, std::less<>> own;
    for (const YamlEntry& entry : frame.node.entries) own.insert(entry.key.text);
    for (YamlEntry& entry : frame.merged) {
      if (own.insert(entry.key.text).second) frame.node.entries.push_back(std::move(entry));
    }
    Add(std::move(frame.node), frame.anchor);
  }

  static void Merge(Frame& into, const YamlNode& value) {
    const bool is_list = value.kind == YamlNode::Kind::kList;
    const std::span<const YamlNode> maps = is_list ? std::span(value.items) : std::span(&value, 1);
    for (const YamlNode& map : maps) {
      if (map.kind != YamlNode::Kind::kMap) {
        throw TooMuch{map.line, map.column, "'<<' takes a map or a list of maps, got " + Describe(map)};
      }
      into.merged.insert(into.merged.end(), map.entries.begin(), map.entries.end());
    }
  }

  void Add(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      size_t count = CountValues(node);
      anchors_[anchor] = {node, count};
    }
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& parent = stack_.back();
    if (parent.node.kind == YamlNode::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      if (node.kind == YamlNode::Kind::kList || node.kind == YamlNode::Kind::kMap) {
        throw TooMuch{
            node.line, node.column,
            "a key must be a plain name, this one is " + Describe(node) + " (are quotes missing around {{ }}?)"};
      }
      parent.key = std::move(node);
      parent.has_key = true;
    } else {
      parent.has_key = false;
      if (parent.key.text == "<<" && !parent.key.quoted) return Merge(parent, node);
      parent.node.entries.push_back({std::move(parent.key), std::move(node)});
    }
  }

  const YamlLimits& limits_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, std::pair<YamlNode, size_t>> anchors_;
  YamlNode root_;
  size_t values_ = 0;
};

// The offset of the first byte that is no UTF-8 or a NUL, or npos.
size_t FindBadByte(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '\0' || NextCodePoint(text, at) == kBadUtf8) return at;
  }
  return std::string_view::npos;
}

std::pair<int, int> PlaceOf(std::string_view text, size_t offset) {
  std::string_view before = text.substr(0, offset);
  int line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  size_t start = before.rfind('\n');
  return {line, static_cast<int>(offset - (start == std::string_view::npos ? 0 : start + 1)) + 1};
}

// The first line, of `lines` at most, whose indentation holds a tab: what yaml-cpp's messages do not name.
std::optional<std::pair<int, int>> FindTabIndent(std::string_view text, int lines) {
  for (int line = 1; line <= lines && !text.empty(); ++line) {
    size_t indent = text.find_first_not_of(' ');
    if (indent != std::string_view::npos && text[indent] == '\t') return std::pair(line, static_cast<int>(indent) + 1);
    size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return std::nullopt;
}

Value PlainScalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  if (auto [stop, fault] = std::from_chars(begin, end, integer); fault == std::errc() && stop == end) return integer;
  // "nan" and "inf" are texts here: JSON has no such numbers
  if (begin < end && (std::isdigit(static_cast<unsigned char>(*begin)) || *begin == '-' || *begin == '.')) {
    double number = 0;
    auto [stop, fault] = std::from_chars(begin, end, number);
    if (fault == std::errc() && stop == end && std::isfinite(number)) return number;
  }
  return text;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

const char* SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError:
      break;
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "error";
}

std::string ToString(const Finding& finding) {
  std::string text = finding.file;
  if (finding.line > 0) text += ":" + std::to_string(finding.line) + ":" + std::to_string(std::max(1, finding.column));
  return text + ": " + SeverityName(finding.severity) + ": " + finding.message;
}

void Findings::Error(const std::string& file, const YamlNode& node, std::string message) {
  Error(file, node.line, node.column, std::move(message));
}

void Findings::Error(const std::string& file, int line, int column, std::string message) {
  list_.push_back({Severity::kError, file, line, column, std::move(message)});
  ++errors_;
}

void Findings::Warn(const std::string& file, int line, int column, std::string message) {
  list_.push_back({Severity::kWarning, file, line, column, std::move(message)});
}

void Findings::Note(const std::string& file, int line, int column, std::string message) {
  list_.push_back({Severity::kNote, file, line, column, std::move(message)});
}

std::vector<Finding> Findings::Take(const std::string& first_file) {
  std::map<std::string, int> file_order{{first_file, 0}};
  for (const auto& finding : list_) file_order.emplace(finding.file, static_cast<int>(file_order.size()));
  std::stable_sort(list_.begin(), list_.end(), [&](const Finding& a, const Finding& b) {
    return std::tuple(file_order[a.file], a.line, a.column) < std::tuple(file_order[b.file], b.line, b.column);
  });
  std::vector<Finding> unique;
  for (auto& finding : list_) {
    if (std::find(unique.begin(), unique.end(), finding) == unique.end()) unique.push_back(std::move(finding));
  }
  list_.clear();
  return unique;
}

YamlNode ParseYaml(std::string_view text, const std::string& file, Findings& findings, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    findings.Error(file, 0, 0,
                   "the file has " + std::to_string(text.size()) + " bytes, at most " +
                       std::to_string(limits.max_bytes) + " are read; move long texts into files of their own");
    return {};
  }
  if (size_t bad = FindBadByte(text); bad != std::string_view::npos) {
    auto [line, column] = PlaceOf(text, bad);
    findings.Error(file, line, column, "not valid UTF-8; save the file as UTF-8 text");
    return {};
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(limits);
    if (!parser.HandleNextDocument(builder)) {
      findings.Error(file, 1, 1, "the file is empty");
      return {};
    }
    YamlNode root = builder.Take();
    TreeBuilder rest(limits);
    if (parser.HandleNextDocument(rest)) {
      YamlNode second = rest.Take();
      findings.Error(file, second, "a second document; keep one document a file");
    }
    return root;
  } catch (const TooMuch& problem) {
    findings.Error(file, problem.line, problem.column, problem.message);
  } catch (const YAML::Exception& problem) {
    auto tab = FindTabIndent(text, problem.mark.line + 2);
    if (tab) {
      findings.Error(file, tab->first, tab->second, "not valid YAML: the line is indented by a tab; use spaces");
    } else {
      findings.Error(file, problem.mark.line + 1, problem.mark.column + 1, "not valid YAML: " + problem.msg);
    }
  }
  return {};
}

Value ToValue(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return nullptr;
    case YamlNode::Kind::kScalar:
      return node.quoted ? Value(node.text) : PlainScalar(node.text);
    case YamlNode::Kind::kList: {
      Value list = Value::array();
      for (const auto& item : node.items) list.push_back(ToValue(item));
      return list;
    }
    case YamlNode::Kind::kMap: {
      Value object = Value::object();
      for (const auto& entry : node.entries) object[entry.key.text] = ToValue(entry.value);
      return object;
    }
  }
  return nullptr;
}

std::string Describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  Value value = ToValue(node);
  if (value.is_null()) return "nothing";
  if (value.is_number()) return "the number " + node.text;
  if (value.is_boolean()) return node.text;
  constexpr size_t kShown = 40;
  std::string shown = node.text.substr(0, kShown);
  return "the text '" + Dump(shown).substr(1, Dump(shown).size() - 2) + (node.text.size() > kShown ? "...'" : "'");
}

}  // namespace troupe::kind
