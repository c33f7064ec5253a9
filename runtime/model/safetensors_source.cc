// Weights out of safetensors files, as they stand or on grids (packed_grid.h).
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "runtime/model/packed_grid.h"
#include "runtime/model/source_checks.h"
#include "runtime/model/weights.h"

namespace troupe::model {
namespace {

class SafetensorsSource final : public WeightSource {
 public:
  explicit SafetensorsSource(std::vector<Safetensors> files) : files_(std::move(files)) {}

  bool Has(std::string_view name) const override { return Find(name) != nullptr || IsQuantized(name); }

  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    if (const TensorView* view = Find(name)) return LoadChecked(*view, shape, Where());
    if (!IsQuantized(name)) return MissingTensor(name, Where());
    if (shape.size() != 2)
      return Invalid(Where() + ": tensor \"" + std::string(name) + "\" is no matrix, but on a grid");
    TRY_ASSIGN(const auto grid, LoadGrid(name, shape[0], shape[1]));
    const std::vector<float> values = kernels::Values(*grid);
    at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(at::kFloat));
    std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
    return tensor;
  }

  Result<std::optional<kernels::Grid>> LoadGrid(std::string_view name, int64_t rows, int64_t columns) const override {
    const TensorView* codes = Part(name, kCodesSuffix);
    if (codes == nullptr) {
      if (Find(name) == nullptr) return MissingTensor(name, Where());
      return std::optional<kernels::Grid>();
    }
    const TensorView* scales = Part(name, kScalesSuffix);
    if (scales == nullptr) return MissingTensor(std::string(name) + std::string(kScalesSuffix), Where());
    auto grid = UnpackGrid(*codes, *scales, Part(name, kOffsetsSuffix), rows, columns);
    if (!grid) return Error{grid.error().code, Where() + ": " + grid.error().message};
    return std::optional<kernels::Grid>(std::move(*grid));
  }

  bool IsQuantized(std::string_view name) const override { return Part(name, kCodesSuffix) != nullptr; }

  std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const override {
    std::set<std::string, std::less<>> used;
    for (const std::string& name : names) {
      // A name is kept one way; where both are there, the other is nobody's.
      if (Find(name) != nullptr) {
        used.insert(name);
        continue;
      }
      for (const auto suffix : {kCodesSuffix, kScalesSuffix, kOffsetsSuffix}) used.insert(name + std::string(suffix));
    }
    std::vector<std::string> unused;
    for (const Safetensors& file : files_) {
      for (std::string& name : NamesOutside(file.tensors(), used)) unused.push_back(std::move(name));
    }
    return unused;
  }

 private:
  const TensorView* Find(std::string_view name) const {
    for (const Safetensors& file : files_) {
      if (const TensorView* view = file.Find(name)) return view;
    }
    return nullptr;
  }
  const TensorView* Part(std::string_view name, std::string_view suffix) const {
    return Find(std::string(name) + std::string(suffix));
  }
  std::string Where() const { return files_.empty() ? "no file" : files_.front().path().string(); }

  std::vector<Safetensors> files_;
};

}  // namespace

Result<std::shared_ptr<const WeightSource>> WeightsFromSafetensors(std::vector<Safetensors> files) {
  std::map<std::string_view, const Safetensors*> owners;
  for (const Safetensors& file : files) {
    for (const auto& [name, view] : file.tensors()) {
      const auto [at, is_new] = owners.emplace(name, &file);
      if (!is_new) {
        return Invalid("tensor \"" + name + "\" is in " + at->second->path().string() + " and in " +
                       file.path().string());
      }
    }
  }
  return std::shared_ptr<const WeightSource>(std::make_shared<SafetensorsSource>(std::move(files)));
}

}  // namespace troupe::model
