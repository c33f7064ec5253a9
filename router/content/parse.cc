#include "router/content/parse.h"

#include <filesystem>
#include <utility>

#include "router/content/check_texts.h"
#include "router/content/reader.h"
#include "runtime/base/read_file.h"
#include "runtime/kind/header.h"

namespace troupe::content {
namespace {

using kind::YamlMap;
using kind::YamlNode;

// A file that the set names; null and a finding where it is not there.
const std::string* FileAt(Reader& reader, const YamlNode& node) {
  const auto found = reader.files.find(node.text);
  if (found != reader.files.end()) return &found->second;
  reader.Error(
      node, "cannot read the file '" + node.text + "'; correct the path, which counts from the content file's folder");
  return nullptr;
}

void ReadTextsFile(Reader& reader, const YamlNode& node) {
  reader.set.texts_file = node.text;
  if (reader.set.writer && !reader.files.contains(node.text)) {
    reader.findings.Warn(reader.file, node.line, node.column,
                         "there is no file '" + node.text + "' yet; 'troupe content make' writes it");
    return;
  }
  const std::string* text = FileAt(reader, node);
  if (text == nullptr) return;
  constexpr kind::YamlLimits kLimits{.max_bytes = kMaxTextsBytes, .max_values = 2'000'000};
  // without a set that can be trusted, every text would be wrong
  if (reader.findings.HasErrors()) return;
  const YamlNode root = kind::ParseYaml(*text, node.text, reader.findings, kLimits);
  if (reader.findings.HasErrors()) return;
  Reader inner{.file = node.text, .files = reader.files, .findings = reader.findings, .set = std::move(reader.set)};
  ReadTexts(inner, root);
  if (!inner.findings.HasErrors()) CheckTexts(inner.set, node.text, inner.findings);
  reader.set = std::move(inner.set);
}

void ReadSpec(Reader& reader, const YamlNode& node) {
  YamlMap spec(node, "'spec'", reader.file, reader.findings);
  ContentSet& set = reader.set;
  if (spec.Require("output", "say what the texts are: text, html or json") != nullptr) {
    set.output = static_cast<OutputKind>(spec.Choice("output", OutputKindNames()).value_or(0));
  }
  if (const YamlNode* slots = spec.Get("slots")) ReadSlots(reader, *slots);
  set.cells = {{}};
  if (const YamlNode* matrix = spec.Get("matrix")) ReadMatrix(reader, *matrix);
  if (const YamlNode* language = spec.Get("language")) {
    set.language = language->text;
    if (!kind::IsDnsLabel(set.language)) {
      reader.Error(*language, "'language' must be a tag such as en or pt-br, got " + Describe(*language));
    }
  }
  set.variants = spec.Integer("variants", 1, 1000).value_or(1);
  if (const YamlNode* writer = spec.Get("writer")) ReadWriter(reader, *writer);
  if (const YamlNode* checks = spec.Get("checks")) ReadChecks(reader, *checks);
  const YamlNode* texts = spec.Get("texts");
  spec.Finish();
  if (texts != nullptr) ReadTextsFile(reader, *texts);
}

// The paths of files that the set names; wrong YAML names none.
std::vector<std::string> FilesNamed(const std::string& yaml) {
  kind::Findings ignored;
  const YamlNode root = kind::ParseYaml(yaml, "", ignored, {.max_bytes = kMaxSetBytes});
  std::vector<std::string> paths;
  const YamlNode* spec = root.Find("spec");
  if (spec == nullptr) return paths;
  if (const YamlNode* texts = spec->Find("texts")) paths.push_back(texts->text);
  const YamlNode* writer = spec->Find("writer");
  const YamlNode* prompt = writer == nullptr ? nullptr : writer->Find("prompt");
  const YamlNode* file = prompt == nullptr ? nullptr : prompt->Find("file");
  if (file != nullptr) paths.push_back(file->text);
  return paths;
}

}  // namespace

std::vector<const YamlNode*> Scalars(Reader& reader, const YamlNode& node, const std::string& what) {
  std::vector<const YamlNode*> scalars;
  if (node.kind != YamlNode::Kind::kList) {
    reader.Error(node, what + " must be a list, got " + Describe(node));
    return scalars;
  }
  for (const YamlNode& item : node.items) {
    if (item.kind == YamlNode::Kind::kScalar) {
      scalars.push_back(&item);
    } else {
      reader.Error(item, what + " must hold texts only, got " + Describe(item));
    }
  }
  return scalars;
}

void ReadWriter(Reader& reader, const YamlNode& node) {
  YamlMap map(node, "'writer'", reader.file, reader.findings);
  Writer writer;
  writer.graph = map.String("graph").value_or("");
  writer.agent = map.String("agent").value_or("");
  if (map.valid() && writer.graph.empty() == writer.agent.empty()) {
    reader.Error(node, "'writer' must name a graph or an agent, one of the two");
  }
  const YamlNode* prompt = map.Require("prompt", "write what is asked, as a text or as {file: PATH}");
  if (prompt != nullptr && prompt->kind == YamlNode::Kind::kMap) {
    YamlMap file(*prompt, "'prompt'", reader.file, reader.findings);
    if (const YamlNode* path = file.Require("file", "name the template's file")) {
      writer.prompt_file = path->text;
      if (const std::string* text = FileAt(reader, *path)) writer.prompt = *text;
    }
    file.Finish();
  } else if (prompt != nullptr) {
    writer.prompt = prompt->text;
    if (writer.prompt.empty())
      reader.Error(*prompt, "'prompt' must be a text or {file: PATH}, got " + Describe(*prompt));
  }
  map.Finish();
  reader.set.writer = std::move(writer);
}

ParsedSet ParseContentSet(const ContentSource& source) {
  kind::Findings findings;
  Reader reader{.file = source.file_name, .files = source.files, .findings = findings};
  const YamlNode root = kind::ParseYaml(source.yaml, source.file_name, findings, {.max_bytes = kMaxSetBytes});
  if (!findings.HasErrors()) {
    YamlMap map(root, "the content file", source.file_name, findings);
    kind::CheckKind(map, "ContentSet", source.file_name, findings);
    reader.set.name = kind::ReadName(map, "set", source.file_name, findings);
    if (const YamlNode* spec = map.Require("spec", "describe the set there")) ReadSpec(reader, *spec);
    map.Finish({"status"});
  }
  ParsedSet parsed;
  if (!findings.HasErrors()) parsed.set = std::make_shared<const ContentSet>(std::move(reader.set));
  parsed.findings = findings.Take(source.file_name);
  return parsed;
}

ParsedSet LoadContentSet(const std::string& path) {
  auto yaml = ReadFile(path, kMaxSetBytes);
  if (!yaml) {
    return {nullptr, {{kind::Severity::kError, path, 0, 0, "cannot read the content file: " + yaml.error().message}}};
  }
  ContentSource source{.yaml = std::move(*yaml), .file_name = path};
  for (const std::string& name : FilesNamed(source.yaml)) {
    // what is missing is reported where the set names it
    auto text = ReadFile(std::filesystem::path(path).parent_path() / name, kMaxTextsBytes);
    if (text) source.files.emplace(name, std::move(*text));
  }
  return ParseContentSet(source);
}

Result<std::shared_ptr<const ContentSet>> LoadGoodSet(const std::string& path) {
  const ParsedSet parsed = LoadContentSet(path);
  if (parsed.set != nullptr) return parsed.set;
  std::string findings;
  for (const kind::Finding& finding : parsed.findings) findings += "\n" + kind::ToString(finding);
  return Invalid(path + " is wrong:" + findings);
}

}  // namespace troupe::content
