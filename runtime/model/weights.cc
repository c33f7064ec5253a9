#include "runtime/model/weights.h"

#include <ATen/core/TensorBody.h>

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/model/gguf_architecture.h"
#include "runtime/model/source_checks.h"
#include "runtime/model/stored_grid.h"

namespace troupe::model {
namespace {

// Rows in the order of halves, where those of each of `heads` heads are interleaved pairs: row 2i + s of a head holds
// what belongs at row s * (head_dim / 2) + i.
template <typename T>
void HalveRows(std::vector<T>& values, int64_t rows, int64_t heads) {
  const size_t width = values.size() / static_cast<size_t>(rows);
  const int64_t half = rows / heads / 2;
  std::vector<T> halved(values.size());
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t head = row / (2 * half), at = row % (2 * half);
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(width) * row;
    std::copy(from, from + static_cast<std::ptrdiff_t>(width),
              halved.begin() + static_cast<std::ptrdiff_t>(width) * (head * 2 * half + at % 2 * half + at / 2));
  }
  values = std::move(halved);
}

class GgufSource final : public WeightSource {
 public:
  GgufSource(std::shared_ptr<const Gguf> gguf, const ModelConfig& config)
      : gguf_(std::move(gguf)),
        architecture_(*FindGgufArchitecture(config.architecture)),
        heads_(config.heads),
        kv_heads_(config.kv_heads) {}

  bool Has(std::string_view name) const override { return gguf_->Find(GgufName(architecture_, name)) != nullptr; }

  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    const std::string where = gguf_->path().string();
    const std::string own_name = GgufName(architecture_, name);
    const TensorView* view = gguf_->Find(own_name);
    if (view == nullptr) return MissingTensor(own_name, where);
    TRY_ASSIGN(at::Tensor tensor, LoadChecked(*view, shape, where));
    const int64_t heads = InterleavedHeads(name);
    if (heads == 0) return tensor;
    const int64_t half = shape[0] / heads / 2;
    return tensor.view({heads, half, 2, -1}).transpose(1, 2).reshape(shape);
  }

  Result<std::optional<kernels::Grid>> LoadGrid(std::string_view name, int64_t rows, int64_t columns) const override {
    const std::string where = gguf_->path().string();
    const std::string own_name = GgufName(architecture_, name);
    const TensorView* view = gguf_->Find(own_name);
    if (view == nullptr) return MissingTensor(own_name, where);
    TRY(CheckShape(*view, std::vector<int64_t>{rows, columns}, where));
    std::optional<kernels::Grid> grid = StoredGrid(*view);
    if (!grid) return grid;
    if (auto status = kernels::CheckGrid(*grid); !status) {
      return Invalid(where + ": tensor \"" + own_name + "\": " + status.error().message);
    }
    if (const int64_t heads = InterleavedHeads(name); heads != 0) {
      HalveRows(grid->codes, rows, heads);
      HalveRows(grid->scales, rows, heads);
      if (!grid->symmetric()) HalveRows(grid->offsets, rows, heads);
    }
    return grid;
  }

  bool IsQuantized(std::string_view name) const override {
    const TensorView* view = gguf_->Find(GgufName(architecture_, name));
    return view != nullptr && BlockOf(view->format).values > 1;
  }

  std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const override {
    // The configuration has those of the rotary positions.
    std::set<std::string, std::less<>> own{"rope_freqs.weight", "rope_factors_long.weight",
                                           "rope_factors_short.weight"};
    for (const std::string& name : names) own.insert(GgufName(architecture_, name));
    return NamesOutside(gguf_->tensors(), own);
  }

 private:
  // Heads of a tensor whose rows are in the order of interleaved rotary pairs; 0 for others.
  int64_t InterleavedHeads(std::string_view name) const {
    if (!architecture_.permuted) return 0;
    if (name.find(".q_proj.") != std::string_view::npos) return heads_;
    return name.find(".k_proj.") != std::string_view::npos ? kv_heads_ : 0;
  }

  std::shared_ptr<const Gguf> gguf_;
  const GgufArchitecture& architecture_;
  int64_t heads_;
  int64_t kv_heads_;
};

class MapSource final : public WeightSource {
 public:
  explicit MapSource(std::map<std::string, at::Tensor, std::less<>> tensors) : tensors_(std::move(tensors)) {}

  bool Has(std::string_view name) const override { return tensors_.contains(name); }

  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return MissingTensor(name, "memory");
    if (found->second.sizes() != at::IntArrayRef(shape)) {
      return Invalid("memory: tensor \"" + std::string(name) + "\" has the shape " +
                     ShapeText(found->second.sizes().vec()) + ", the configuration asks for " + ShapeText(shape));
    }
    return found->second;
  }

  std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const override {
    return NamesOutside(tensors_, names);
  }

 private:
  std::map<std::string, at::Tensor, std::less<>> tensors_;
};

}  // namespace

Result<std::optional<kernels::Grid>> WeightSource::LoadGrid(std::string_view name, int64_t rows,
                                                            int64_t columns) const {
  static_cast<void>(name);
  static_cast<void>(rows);
  static_cast<void>(columns);
  return std::optional<kernels::Grid>();
}

bool WeightSource::IsQuantized(std::string_view name) const {
  static_cast<void>(name);
  return false;
}

std::shared_ptr<const WeightSource> WeightsFromGguf(std::shared_ptr<const Gguf> gguf, const ModelConfig& config) {
  CHECK(FindGgufArchitecture(config.architecture) != nullptr);
  return std::make_shared<GgufSource>(std::move(gguf), config);
}

std::shared_ptr<const WeightSource> WeightsFromMap(std::map<std::string, at::Tensor, std::less<>> tensors) {
  return std::make_shared<MapSource>(std::move(tensors));
}

}  // namespace troupe::model
