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
  std::error_code ignored;
  if (!fs::exists(to, ignored)) return {};
  if (overwrite == Overwrite::kNo) {
    return Error{Code::kAlreadyExists, to.string() + ": is there already; --force writes over it"};
  }
  if (!fs::exists(to / "adapter_config.json", ignored)) {
    return FailedPrecondition(to.string() +
                              ": is there and holds no adapter_config.json, so it is no adapter: not overwritten");
  }
  return {};
}

Status WriteAdapterFolder(const AdapterOut& adapter, const fs::path& to, Overwrite overwrite) {
  TRY(CheckAdapterFolder(to, overwrite));
  const fs::path whole = (to / "").parent_path();  // without a slash at its end
  const fs::path part = whole.string() + ".part";
  try {
    fs::remove_all(part);
    fs::create_directories(part);
    if (Status written = WriteInto(adapter, part); !written) {
      fs::remove_all(part);
      return written;
    }
    fs::remove_all(whole);
    fs::rename(part, whole);
    return {};
  } catch (const fs::filesystem_error& failure) {
    return Internal(to.string() + ": " + failure.code().message());
  }
}

}  // namespace troupe::model
