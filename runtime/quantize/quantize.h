// A whole model onto grids, after training. What is rounded: every linear layer, the embedding and the output head;
// norms and biases stay as they are. Plain functions on the caller's thread; torch's threads help.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/kernels/grid.h"
#include "runtime/model/config.h"
#include "runtime/model/weights.h"
#include "runtime/train/text_sample.h"

namespace troupe::quantize {

enum class Method : uint8_t {
  kRtn,   // rounded to the nearest, steps by the largest value (kernels::RoundToGrid)
  kGptq,  // calibrated (gptq.h), layer by layer on what the layers before, rounded already, give
};

constexpr int64_t kPerChannel = 0;

struct Options {
  int bits = 4;
  // Columns that share a scale, or kPerChannel: all of a row. Where it does not divide a layer's width, the largest
  // half, quarter, ... of it that does; a width that is no multiple of 8 stays as it is.
  int64_t group = 64;
  Method method = Method::kRtn;
  double damping = 0.01;  // kGptq
  // kGptq, for an embedding that is the head too: rounding it for what the head sees alone would spoil what is looked
  // up in it, so it is damped more.
  double head_damping = 0.1;
};

// Grids by the names of the weights. What has none keeps its values.
using Grids = std::map<std::string, kernels::Grid, std::less<>>;

// How much of the work is done, 0 to 1, and what is worked on.
using Progress = std::function<void(double done, std::string_view what)>;

// `windows` are the texts for calibration, all of one length; kRtn needs none. Errors: WholeDecoder::Load's, Gptq's,
// INVALID_ARGUMENT for a calibration without text, INTERNAL for what torch throws.
Result<Grids> Quantize(const model::ModelConfig& config, const model::WeightSource& weights, const Options& options,
                       std::span<const train::Window> windows, const Progress& progress);

// The group for a layer of that width, 0 where there is none.
int64_t GroupFor(int64_t columns, int64_t wanted);

}  // namespace troupe::quantize
