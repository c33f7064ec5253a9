#include "runtime/model/adapter.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "runtime/base/digest.h"
#include "runtime/base/read_file.h"
#include "runtime/base/value.h"
#include "runtime/model/dequantize.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBefore = "base_model.model.", kA = ".lora_A.weight", kB = ".lora_B.weight",
                           kWeight = ".weight";

// The matrix that a tensor of an adapter belongs to; empty for one that is no A.
std::string MatrixOf(const std::string& name) {
  if (!name.starts_with(kBefore) || !name.ends_with(kA)) return "";
  return name.substr(kBefore.size(), name.size() - kBefore.size() - kA.size()) + std::string(kWeight);
}

class Adapted final : public WeightSource {
 public:
  Adapted(std::shared_ptr<const WeightSource> weights, std::shared_ptr<const Safetensors> file,
          std::set<std::string, std::less<>> matrices, double scale)
      : weights_(std::move(weights)), file_(std::move(file)), matrices_(std::move(matrices)), scale_(scale) {}

  bool Has(std::string_view name) const override { return weights_->Has(name); }

  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    TRY_ASSIGN(at::Tensor weight, weights_->Load(name, shape));
    if (!matrices_.contains(name)) return weight;
    const std::string matrix(name);
    const TensorView *a = file_->Find(AdapterTensorName(matrix, AdapterSide::kA)),
                     *b = file_->Find(AdapterTensorName(matrix, AdapterSide::kB));
    const bool fits = shape.size() == 2 && a->shape.size() == 2 && b->shape.size() == 2 && a->shape[1] == shape[1] &&
                      b->shape[0] == shape[0] && a->shape[0] == b->shape[1];
    if (!fits) {
      return Invalid(file_->path().string() + ": what it adds to " + matrix +
                     " is of another size: the adapter is another model's");
    }
    TRY_ASSIGN(const at::Tensor thin, ToFloatTensor(*a));
    TRY_ASSIGN(const at::Tensor tall, ToFloatTensor(*b));
    return weight + tall.matmul(thin) * scale_;
  }

  Result<std::optional<kernels::Grid>> LoadGrid(std::string_view name, int64_t rows, int64_t columns) const override {
    if (matrices_.contains(name)) return std::optional<kernels::Grid>();
    return weights_->LoadGrid(name, rows, columns);
  }
  bool IsQuantized(std::string_view name) const override {
    return !matrices_.contains(name) && weights_->IsQuantized(name);
  }
  std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const override {
    return weights_->Unused(names);
  }

 private:
  std::shared_ptr<const WeightSource> weights_;
  std::shared_ptr<const Safetensors> file_;
  std::set<std::string, std::less<>> matrices_;
  double scale_;
};

// Fields of adapter_config.json that change what is computed, and what they must be.
Status CheckPlain(const Value& config, const std::string& where) {
  const std::array<std::pair<const char*, Value>, 6> plain{{{"peft_type", "LORA"},
                                                            {"use_dora", false},
                                                            {"use_rslora", false},
                                                            {"bias", "none"},
                                                            {"fan_in_fan_out", false},
                                                            {"modules_to_save", nullptr}}};
  for (const auto& [field, value] : plain) {
    const Value given = config.value(field, value);
    if (given == value || given.is_null()) continue;
    return Error{Code::kUnimplemented,
                 where + ": \"" + field + "\" is " + Dump(given) + "; only " + Dump(value) + " is known here"};
  }
  return {};
}

}  // namespace

std::string AdapterTensorName(const std::string& matrix, AdapterSide side) {
  return std::string(kBefore) + matrix.substr(0, matrix.size() - kWeight.size()) +
         std::string(side == AdapterSide::kA ? kA : kB);
}

Result<Adapter> Adapter::Open(const fs::path& folder) {
  const fs::path config_file = folder / "adapter_config.json";
  const std::string where = config_file.string();
  const auto text = ReadFile(config_file, 1u << 20);
  if (!text) return Error{text.error().code, where + ": " + text.error().message};
  const auto config = ParseValue(*text);
  if (!config) return Invalid(where + ": " + config.error().message);
  if (!config->is_object() || !config->value("r", Value()).is_number_integer() || (*config)["r"].get<int64_t>() < 1 ||
      !config->value("lora_alpha", Value()).is_number()) {
    return Invalid(where + ": no LoRA adapter: \"r\" and \"lora_alpha\" must be numbers");
  }
  TRY(CheckPlain(*config, where));
  TRY_ASSIGN(std::shared_ptr<const MappedFile> mapped, MappedFile::Open(folder / "adapter_model.safetensors"));
  TRY_ASSIGN(Safetensors file, Safetensors::Open(std::move(mapped)));
  Adapter adapter(std::move(file));
  adapter.scale_ = (*config)["lora_alpha"].get<double>() / (*config)["r"].get<double>();
  if (const Value base = config->value("base_model_sha256", Value()); base.is_string())
    adapter.base_sha256_ = base.get<std::string>();
  return adapter;
}

Result<std::shared_ptr<const WeightSource>> Adapter::On(std::shared_ptr<const WeightSource> weights) const {
  std::set<std::string, std::less<>> matrices;
  for (const auto& [name, view] : file_->tensors()) {
    if (std::string matrix = MatrixOf(name); !matrix.empty()) matrices.insert(std::move(matrix));
  }
  const std::string where = file_->path().string();
  if (matrices.empty() || file_->tensors().size() != 2 * matrices.size()) {
    return Invalid(where + ": holds other tensors than pairs of lora_A and lora_B");
  }
  for (const std::string& matrix : matrices) {
    if (file_->Find(AdapterTensorName(matrix, AdapterSide::kB)) == nullptr) {
      return Invalid(where + ": no lora_B for " + matrix);
    }
    if (!weights->Has(matrix)) {
      return Invalid(where + ": adds to " + matrix + ", which the model does not have: the adapter is another model's");
    }
  }
  return std::make_shared<const Adapted>(std::move(weights), file_, std::move(matrices), scale_);
}

Result<std::string> Adapter::Digest() const { return Sha256HexOfFile(file_->path()); }

}  // namespace troupe::model
