#include "runtime/model/model_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/model/shards.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxJsonBytes = 16u << 20;

Result<Value> ReadJson(const fs::path& path) {
  TRY_ASSIGN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  const auto bytes = file->bytes();
  auto value = ParseValue({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, {.max_bytes = kMaxJsonBytes});
  if (!value) return Error{value.error().code, path.string() + ": " + value.error().message};
  if (!value->is_object() && !value->is_array()) return Invalid(path.string() + ": neither an object nor a list");
  return value;
}

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// A token in tokenizer_config.json: its text, or an object with it.
std::string TokenText(const Value& config, const char* field) {
  const auto found = config.find(field);
  if (found == config.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_object()) {
    if (const auto content = found->find("content"); content != found->end() && content->is_string()) {
      return content->get<std::string>();
    }
  }
  return "";
}

// chat_template: a string, or a list of {name, template} of which "default" counts.
std::string ChatTemplateOf(const Value& config) {
  const auto found = config.find("chat_template");
  if (found == config.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (!found->is_array()) return "";
  for (const Value& entry : *found) {
    if (entry.is_object() && entry.value("name", Value()) == "default" &&
        entry.value("template", Value()).is_string()) {
      return entry["template"].get<std::string>();
    }
  }
  return "";
}

void AddEnd(std::vector<int32_t>& ids, std::optional<int32_t> id) {
  if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
}

Status ReadTokenizer(const fs::path& folder, ModelFiles& files) {
  TRY_ASSIGN(files.tokenizer, text::Tokenizer::FromFile(folder / "tokenizer.json"));
  files.end_ids = files.config.eos_ids;
  if (const fs::path path = folder / "tokenizer_config.json"; Exists(path)) {
    TRY_ASSIGN(const Value config, ReadJson(path));
    if (!config.is_object()) return Invalid(path.string() + ": not an object");
    files.chat_template = ChatTemplateOf(config);
    files.bos = TokenText(config, "bos_token");
    files.eos = TokenText(config, "eos_token");
    if (!files.eos.empty()) AddEnd(files.end_ids, files.tokenizer->IdOf(files.eos));
  }
  if (const fs::path path = folder / "chat_template.jinja"; files.chat_template.empty() && Exists(path)) {
    TRY_ASSIGN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
    const auto bytes = file->bytes();
    files.chat_template.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  if (const fs::path path = folder / "generation_config.json"; Exists(path)) {
    TRY_ASSIGN(const Value config, ReadJson(path));
    const Value eos = config.is_object() ? config.value("eos_token_id", Value()) : Value();
    for (const Value& id : eos.is_array() ? eos : Value::array({eos})) {
      if (id.is_number_integer() && id >= 0 && id < files.config.vocab_size) AddEnd(files.end_ids, id.get<int32_t>());
    }
  }
  return {};
}

// The flag of sentence-transformers' pooling configuration that is set.
Result<Pooling> ReadPooling(const fs::path& path) {
  TRY_ASSIGN(const Value config, ReadJson(path));
  const auto is_set = [&config](const char* name) { return config.is_object() && config.value(name, Value()) == true; };
  if (is_set("pooling_mode_mean_tokens")) return Pooling::kMean;
  if (is_set("pooling_mode_cls_token")) return Pooling::kCls;
  return Error{Code::kUnimplemented, path.string() + ": only pooling by mean and by the first token is supported"};
}

Status ReadModules(const fs::path& folder, ModelFiles& files) {
  files.max_tokens = files.config.max_positions;
  if (const fs::path path = folder / "sentence_bert_config.json"; Exists(path)) {
    TRY_ASSIGN(const Value config, ReadJson(path));
    const Value limit = config.is_object() ? config.value("max_seq_length", Value()) : Value();
    if (limit.is_number_integer() && limit > 2) files.max_tokens = std::min(files.max_tokens, limit.get<int64_t>());
  }
  const fs::path path = folder / "modules.json";
  if (!Exists(path)) return {};
  TRY_ASSIGN(const Value modules, ReadJson(path));
  files.normalize = Normalize::kNo;
  for (const Value& module : modules) {
    if (!module.is_object() || !module.value("type", Value()).is_string() ||
        !module.value("path", Value()).is_string()) {
      return Invalid(path.string() + ": a module without \"type\" and \"path\"");
    }
    const std::string type = module["type"].get<std::string>();
    const std::string kind = type.substr(type.rfind('.') + 1);
    if (kind == "Transformer") continue;
    if (kind == "Normalize") {
      files.normalize = Normalize::kYes;
    } else if (kind == "Pooling") {
      // Only a plain name: the file must not lead out of the folder.
      const std::string name = fs::path(module["path"].get<std::string>()).filename().string();
      TRY_ASSIGN(files.pooling, ReadPooling(folder / name / "config.json"));
    } else {
      return Error{Code::kUnimplemented, path.string() + ": module \"" + type + "\" is not supported"};
    }
  }
  return {};
}

Result<ModelFiles> LoadFolder(const fs::path& folder) {
  ModelFiles files;
  files.path = folder;
  const fs::path config_path = folder / "config.json";
  TRY_ASSIGN(const Value json, ReadJson(config_path));
  TRY_ASSIGN(files.config, ConfigFromJson(json, config_path.string()));
  TRY_ASSIGN(std::vector<Safetensors> opened, OpenSafetensorsOf(folder));
  for (const Safetensors& file : opened) files.weight_files.push_back(file.path());
  TRY_ASSIGN(files.weights, WeightsFromSafetensors(std::move(opened)));
  TRY(ReadTokenizer(folder, files));
  TRY(ReadModules(folder, files));
  return files;
}

Result<ModelFiles> LoadGguf(const fs::path& path) {
  ModelFiles files;
  files.path = path;
  files.weight_files = {path};
  TRY_ASSIGN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  TRY_ASSIGN(Gguf opened, Gguf::Open(std::move(file)));
  const auto gguf = std::make_shared<const Gguf>(std::move(opened));
  TRY_ASSIGN(files.config, ConfigFromGguf(*gguf));
  files.max_tokens = files.config.max_positions;
  files.weights = WeightsFromGguf(gguf, files.config);
  TRY_ASSIGN(const text::GgufVocab vocab, gguf->Vocab());
  if (static_cast<int64_t>(vocab.tokens.size()) > files.config.vocab_size) {
    return Invalid(path.string() + ": " + std::to_string(vocab.tokens.size()) + " tokens, but embeddings for " +
                   std::to_string(files.config.vocab_size));
  }
  auto tokenizer = text::Tokenizer::FromGgufVocab(vocab);
  if (!tokenizer) return Error{tokenizer.error().code, path.string() + ": " + tokenizer.error().message};
  files.tokenizer = std::move(*tokenizer);
  TRY_ASSIGN(files.chat_template, gguf->GetStringOr("tokenizer.chat_template", ""));
  const auto name_of = [&vocab](std::optional<int32_t> id) {
    return id && static_cast<size_t>(*id) < vocab.tokens.size() ? vocab.tokens[*id] : std::string();
  };
  files.bos = name_of(vocab.bos_id);
  files.eos = name_of(vocab.eos_id);
  files.end_ids = files.config.eos_ids;
  return files;
}

}  // namespace

Result<std::string> ModelFiles::Digest() const {
  std::string digests;
  for (const fs::path& file : weight_files) {
    TRY_ASSIGN(const std::string digest, Sha256HexOfFile(file));
    if (weight_files.size() == 1) return digest;
    digests += digest;
  }
  return Sha256Hex(digests);
}

Result<ModelFiles> LoadFolderOrGguf(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) {
    return NotFound(path.string() + ": no such model; deploy/install fetches those of the examples");
  }
  if (failure) return Internal(path.string() + ": " + failure.message());
  if (status.type() == fs::file_type::directory) return LoadFolder(path);
  if (path.extension() == ".gguf") return LoadGguf(path);
  return Invalid(path.string() + ": neither a Hugging Face folder nor a .gguf file");
}

}  // namespace troupe::model
