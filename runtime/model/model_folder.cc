#include "runtime/model/model_folder.h"

#include <algorithm>
#include <array>

#include "runtime/base/write_file.h"
#include "runtime/model/config_json.h"
#include "runtime/text/gguf_tokenizer.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kMetadata{{"format", "troupe"}};

std::string Pretty(const Value& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<Value> ReadConfig(const fs::path& path) {
  TRY_ASSIGN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  const auto bytes = file->bytes();
  return ParseValue({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Status CopyFile(const fs::path& from, const fs::path& to) {
  TRY_ASSIGN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(from));
  const auto bytes = file->bytes();
  return WriteFile(to, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// What is no weight, and no file of a hub's or a person's own.
Status CopyTexts(const fs::path& from, const fs::path& to) {
  constexpr std::array kNames{"tokenizer.json",           "tokenizer_config.json",  "special_tokens_map.json",
                              "chat_template.jinja",      "generation_config.json", "modules.json",
                              "sentence_bert_config.json"};
  for (const char* name : kNames) {
    if (fs::exists(from / name)) TRY(CopyFile(from / name, to / name));
  }
  // sentence-transformers keeps each module's configuration in a folder of its own (1_Pooling).
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (!entry.is_directory() || !fs::exists(entry.path() / "config.json")) continue;
    const fs::path folder = to / entry.path().filename();
    fs::create_directory(folder);
    TRY(CopyFile(entry.path() / "config.json", folder / "config.json"));
  }
  return {};
}

Status WriteTextsOfGguf(const ModelFiles& from, const fs::path& to) {
  TRY_ASSIGN(std::shared_ptr<const MappedFile> file, MappedFile::Open(from.path));
  TRY_ASSIGN(const Gguf gguf, Gguf::Open(std::move(file)));
  TRY_ASSIGN(const text::GgufVocab vocab, gguf.Vocab());
  TRY_ASSIGN(const std::string tokenizer, text::GgufTokenizerJson(vocab));
  TRY(WriteFile(to / "tokenizer.json", tokenizer));
  Value config = Value::object();
  if (!from.bos.empty()) config["bos_token"] = from.bos;
  if (!from.eos.empty()) config["eos_token"] = from.eos;
  if (!from.chat_template.empty()) config["chat_template"] = from.chat_template;
  return WriteFile(to / "tokenizer_config.json", Pretty(config));
}

Status WriteInto(const ModelFiles& from, const FolderChanges& changes, const fs::path& to) {
  const bool is_folder = fs::is_directory(from.path);
  Value config;
  if (is_folder) {
    TRY_ASSIGN(config, ReadConfig(from.path / "config.json"));
    TRY(CopyTexts(from.path, to));
  } else {
    TRY_ASSIGN(config, ConfigToJson(from.config));
    TRY(WriteTextsOfGguf(from, to));
  }
  config.update(changes.config);
  TRY(WriteFile(to / "config.json", Pretty(config)));
  for (const auto& [name, text] : changes.texts) TRY(WriteFile(to / name, text));
  return WriteSafetensors(to / "model.safetensors", changes.weights, kMetadata);
}

}  // namespace

std::string FolderChanges::Digest() const { return SafetensorsDigest(weights, kMetadata); }

Status CheckModelFolder(const fs::path& from, const fs::path& to, Overwrite overwrite) {
  std::error_code ignored;
  if (!fs::exists(to, ignored)) return {};
  if (fs::equivalent(from, to, ignored)) {
    return FailedPrecondition(to.string() + ": is the model itself; give another folder for the result");
  }
  return CheckReplaceable(to, overwrite, "config.json", "model");
}

Status WriteModelFolder(const ModelFiles& from, const FolderChanges& changes, const fs::path& to, Overwrite overwrite) {
  TRY(CheckModelFolder(from.path, to, overwrite));
  return ReplaceFolder(to, [&](const fs::path& part) { return WriteInto(from, changes, part); });
}

}  // namespace troupe::model
