#include "runtime/quantize/quantize.h"

#include <ATen/core/TensorBody.h>
#include <c10/core/InferenceMode.h>

#include "runtime/model/step_failure.h"
#include "runtime/quantize/calibrate.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::quantize {
namespace {

Grids Round(train::WholeDecoder& decoder, const Options& options, const Progress& progress) {
  Grids grids;
  const std::vector<train::LinearPart*> matrices = decoder.Matrices();
  for (size_t i = 0; i < matrices.size(); ++i) {
    progress(static_cast<double>(i) / static_cast<double>(matrices.size()), matrices[i]->name);
    const at::Tensor weight = matrices[i]->weight.contiguous();
    const int64_t rows = weight.size(0), columns = weight.size(1), group = GroupFor(columns, options.group);
    if (group == 0) continue;
    const std::span<const float> values(weight.const_data_ptr<float>(), static_cast<size_t>(weight.numel()));
    grids.emplace(matrices[i]->name, kernels::RoundToGrid(values, rows, columns, options.bits, group));
  }
  return grids;
}

}  // namespace

int64_t GroupFor(int64_t columns, int64_t wanted) {
  if (wanted == kPerChannel) return columns % 8 == 0 ? columns : 0;
  while (wanted >= 8 && wanted % 8 == 0) {
    if (columns % wanted == 0) return wanted;
    wanted /= 2;
  }
  return 0;
}

Result<Grids> Quantize(const model::ModelConfig& config, const model::WeightSource& weights, const Options& options,
                       std::span<const train::Window> windows, const Progress& progress) {
  if (options.method == Method::kGptq && windows.empty()) {
    return Invalid("calibration needs text: give some with --calibrate, or round to the nearest (--method rtn)");
  }
  try {
    const c10::InferenceMode mode;
    TRY_ASSIGN(train::WholeDecoder decoder, train::WholeDecoder::Load(config, weights));
    if (options.method == Method::kGptq) return Calibrate(decoder, options, windows, progress);
    return Round(decoder, options, progress);
  } catch (const std::exception& failure) {
    return Internal("quantising failed: " + model::FirstLine(failure));
  }
}

}  // namespace troupe::quantize
