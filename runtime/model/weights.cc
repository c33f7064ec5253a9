#include "runtime/model/weights.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/model/dequantize.h"
#include "runtime/model/gguf_architecture.h"
#include "runtime/model/packed_grid.h"
#include "runtime/model/stored_grid.h"

namespace troupe::model {
namespace {

std::string ShapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Error Missing(std::string_view name, const std::string& where) {
  return NotFound(where + ": there is no tensor \"" + std::string(name) + "\", which the model needs");
}

Status CheckShape(const TensorView& view, std::span<const int64_t> shape, const std::string& where) {
  if (std::equal(view.shape.begin(), view.shape.end(), shape.begin(), shape.end())) return {};
  return Invalid(where + ": tensor \"" + view.name + "\" has the shape " + ShapeText(view.shape) +
                 ", the configuration asks for " + ShapeText(shape));
}

Result<at::Tensor> LoadChecked(const TensorView& view, std::span<const int64_t> shape, const std::string& where) {
  TRY(CheckShape(view, shape, where));
  auto tensor = ToFloatTensor(view);
  if (!tensor) return Error{tensor.error().code, where + ": " + tensor.error().message};
  return tensor;
}

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

template <typename Tensors>
std::vector<std::string> NamesOutside(const Tensors& tensors, const std::set<std::string, std::less<>>& names) {
  std::vector<std::string> outside;
  for (const auto& [name, tensor] : tensors) {
    if (!names.contains(name)) outside.push_back(name);
  }
  return outside;
}

class SafetensorsSource final : public WeightSource {
 public:
  explicit SafetensorsSource(std::vector<Safetensors> files) : files_(std::move(files)) {}

  bool Has(std::string_view name) const override { return Find(name) != nullptr || IsQuantized(name); }

  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    if (const TensorView* view = Find(name)) return LoadChecked(*view, shape, Where());
    if (!IsQuantized(name)) return Missing(name, Where());
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
      if (Find(name) == nullptr) return Missing(name, Where());
      return std::optional<kernels::Grid>();
    }
    const TensorView* scales = Part(name, kScalesSuffix);
    if (scales == nullptr) return Missing(std::string(name) + std::string(kScalesSuffix), Where());
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
    if (view == nullptr) return Missing(own_name, where);
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
    if (view == nullptr) return Missing(own_name, where);
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
    if (found == tensors_.end()) return Missing(name, "memory");
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

std::shared_ptr<const WeightSource> WeightsFromGguf(std::shared_ptr<const Gguf> gguf, const ModelConfig& config) {
  CHECK(FindGgufArchitecture(config.architecture) != nullptr);
  return std::make_shared<GgufSource>(std::move(gguf), config);
}

std::shared_ptr<const WeightSource> WeightsFromMap(std::map<std::string, at::Tensor, std::less<>> tensors) {
  return std::make_shared<MapSource>(std::move(tensors));
}

}  // namespace troupe::model
