#include "runtime/model/adapter_folder.h"

#include <set>

#include "runtime/base/value.h"
#include "runtime/base/write_file.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kMetadata{{"format", "pt"}};

// "q_proj" of "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight".
std::string ModuleOf(const std::string& tensor) {
  const std::string name = tensor.substr(0, tensor.find(".lora_"));
  return name.substr(name.rfind('.') + 1);
}

Value ConfigOf(const AdapterOut& adapter) {
  std::set<std::string> modules;
  for (const TensorOut& tensor : adapter.tensors) modules.insert(ModuleOf(tensor.name));
  return {{"peft_type", "LORA"},
          {"task_type", "CAUSAL_LM"},
          {"r", adapter.rank},
          {"lora_alpha", adapter.alpha},
          {"lora_dropout", 0.0},
          {"bias", "none"},
          {"target_modules", modules},
          {"base_model_name_or_path", adapter.base_name},
          {"base_model_sha256", adapter.base_sha256}};
}

Status WriteInto(const AdapterOut& adapter, const fs::path& to) {
  TRY(WriteFile(to / "adapter_config.json", ConfigOf(adapter).dump(2) + "\n"));
  for (const auto& [name, text] : adapter.texts) TRY(WriteFile(to / name, text));
  return WriteSafetensors(to / "adapter_model.safetensors", adapter.tensors, kMetadata);
}

}  // namespace

std::string AdapterOut::Digest() const { return SafetensorsDigest(tensors, kMetadata); }

Status CheckAdapterFolder(const fs::path& to, Overwrite overwrite) {
  return CheckReplaceable(to, overwrite, "adapter_config.json", "adapter");
}

Status WriteAdapterFolder(const AdapterOut& adapter, const fs::path& to, Overwrite overwrite) {
  TRY(CheckAdapterFolder(to, overwrite));
  return ReplaceFolder(to, [&](const fs::path& part) { return WriteInto(adapter, part); });
}

}  // namespace troupe::model
