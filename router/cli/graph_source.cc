#include "router/cli/graph_source.h"

#include <algorithm>
#include <filesystem>

#include "router/graph/price.h"
#include "runtime/base/id.h"

namespace troupe::cli {
namespace {

bool HasErrors(const std::vector<graph::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const graph::Finding& finding) { return finding.severity == graph::Severity::kError; });
}

Result<std::string> AskForMessageField(Client& client, const std::string& name) {
  TRY_ASSIGN(const v1::GetGraphResponse response, client.GetGraph(name));
  graph::GraphSource source;
  source.yaml = response.source().yaml();
  source.file_name = response.source().file_name();
  for (const auto& [path, text] : response.source().files()) source.files[path] = text;
  const graph::Parsed parsed = graph::ParseGraph(std::move(source));
  // a router of another release may know more than this command does
  if (!parsed.graph) return std::string("message");
  return MessageField(TextFields(*parsed.graph));
}

}  // namespace

Result<int64_t> MicrosOf(const std::string& text, const std::string& flag) {
  if (text.empty()) return int64_t{0};
  const std::optional<int64_t> micros = graph::ParseMicros(text);
  if (micros && *micros > 0) return *micros;
  return Invalid(flag + " must be a decimal number above 0 with at most six places, for example 0.25, got " + text);
}

LoadedGraph LoadGraphFile(const std::string& path, graph::FilesMust files) {
  graph::Parsed parsed = graph::LoadGraph(path);
  LoadedGraph loaded{path, std::move(parsed.graph), std::move(parsed.findings), std::move(parsed.source)};
  if (!loaded.graph) return loaded;
  for (graph::Finding& finding : graph::Lint(*loaded.graph, files)) loaded.findings.push_back(std::move(finding));
  if (HasErrors(loaded.findings)) loaded.graph = nullptr;
  return loaded;
}

Result<LoadedGraph> LoadGoodGraph(const std::string& path, graph::FilesMust files) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return NotFound("no file " + path);
  LoadedGraph loaded = LoadGraphFile(path, files);
  if (loaded.graph) return loaded;
  std::vector<graph::Finding> errors;
  for (const graph::Finding& finding : loaded.findings) {
    if (finding.severity == graph::Severity::kError) errors.push_back(finding);
  }
  std::string text = path + " is not a graph that can run:\n" + graph::ToString(errors);
  while (text.ends_with('\n')) text.pop_back();
  return Invalid(std::move(text));
}

v1::GraphSource ToMessage(const graph::GraphSource& source) {
  v1::GraphSource message;
  message.set_yaml(source.yaml);
  message.set_file_name(source.file_name);
  for (const auto& [path, text] : source.files) (*message.mutable_files())[path] = text;
  return message;
}

bool LooksLikeFile(const std::string& argument) {
  return argument.ends_with(".yaml") || argument.ends_with(".yml") || argument.find('/') != std::string::npos;
}

std::vector<std::string> TextFields(const graph::Graph& graph) {
  std::vector<std::string> names;
  for (const kind::Field& field : graph.input.fields) {
    if (field.type.kind == kind::Type::Kind::kString) names.push_back(field.name);
  }
  return names;
}

Result<v1::SubmitRequest> BuildSubmit(Client& client, const TaskFlags& flags, const graph::Graph* graph) {
  std::string message_field;
  if (!flags.message.empty() && graph != nullptr) {
    TRY_ASSIGN(message_field, MessageField(TextFields(*graph)));
  } else if (!flags.message.empty()) {
    TRY_ASSIGN(message_field, AskForMessageField(client, flags.graph));
  }
  TRY_ASSIGN(const Value input, BuildInput(flags, message_field));
  TRY_ASSIGN(const auto labels, ParseLabels(flags.labels));
  v1::SubmitRequest request;
  request.set_graph(graph != nullptr ? graph->name : flags.graph);
  request.set_input_json(Dump(input));
  request.set_request_id(flags.request_id);
  request.set_timeout_ms(static_cast<int64_t>(flags.timeout_s * 1000));
  for (const auto& [key, value] : labels) (*request.mutable_labels())[key] = value;
  if (flags.priority >= 0) request.set_priority(flags.priority);
  request.set_token_limit(flags.max_tokens);
  TRY_ASSIGN(const int64_t device_us, MicrosOf(flags.max_device_seconds, "--max-device-seconds"));
  request.set_device_us_limit(device_us);
  TRY_ASSIGN(const int64_t money, MicrosOf(flags.max_money, "--max-money"));
  request.set_money_limit_micros(money);
  TRY(client.UploadIfLarge(request));
  return request;
}

}  // namespace troupe::cli
