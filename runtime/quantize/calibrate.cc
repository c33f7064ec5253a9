#include "runtime/quantize/calibrate.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "runtime/quantize/gptq.h"

namespace troupe::quantize {
namespace {

// Windows that are run together.
constexpr size_t kBatch = 8;

class Calibration {
 public:
  Calibration(train::WholeDecoder& decoder, const Options& options, const Progress& progress)
      : decoder_(decoder), options_(options), progress_(progress) {}

  Result<Grids> Run(std::span<const train::Window> windows) {
    for (size_t i = 0; i < windows.size(); i += kBatch) {
      ids_.push_back(train::Batch(windows.subspan(i, std::min(kBatch, windows.size() - i))));
    }
    for (train::LinearPart* part : decoder_.Matrices()) {
      full_.emplace(part->name, part->weight);
      part->weight = part->weight.to(at::kBFloat16);
    }
    TRY(QuantizeTables());
    for (const at::Tensor& ids : ids_) x_.push_back(decoder_.Embed(ids));
    const size_t layers = decoder_.blocks().size();
    for (size_t i = 0; i < layers; ++i) {
      Say("layer " + std::to_string(i + 1) + " of " + std::to_string(layers));
      TRY(QuantizeLayer(i));
    }
    if (!decoder_.config().decoder.tied_embeddings) {
      Say("the output head");
      for (at::Tensor& x : x_) x = decoder_.HeadInput(x);
      TRY(Take(decoder_.head(), Hessian(x_), options_.damping));
    }
    return std::move(grids_);
  }

 private:
  // Forward passes of a layer are the unit of work: one for a tied head, and two for a layer, which is rounded too.
  void Say(const std::string& what) {
    const auto layers = static_cast<double>(decoder_.blocks().size());
    progress_(std::min(1.0, done_ / (3 * layers + 2)), what);
  }

  // The embedding comes first, since all layers see it. Where it is the head too, what the head sees is taken from the
  // full model.
  Status QuantizeTables() {
    train::LinearPart& table = decoder_.embedding();
    if (!decoder_.config().decoder.tied_embeddings) {
      const int64_t group = GroupFor(table.weight.size(1), options_.group);
      if (group == 0) return {};
      kernels::Grid grid = RoundFitted(full_.at(table.name), options_.bits, group);
      table.weight = ToTensor(grid).to(at::kBFloat16);
      grids_.emplace(table.name, std::move(grid));
      return {};
    }
    std::vector<at::Tensor> seen;
    for (const at::Tensor& ids : ids_) seen.push_back(decoder_.Embed(ids));
    for (size_t i = 0; i < decoder_.blocks().size(); ++i) {
      Say("what the output head sees");
      for (at::Tensor& x : seen) x = decoder_.Layer(i, x);
      done_ += 1;
    }
    for (at::Tensor& x : seen) x = decoder_.HeadInput(x);
    Say("the output head");
    TRY(Take(table, Hessian(seen), options_.head_damping));
    done_ += 2;
    return {};
  }

  Status QuantizeLayer(size_t index) {
    train::Block& block = decoder_.blocks()[index];
    using Step = at::Tensor (train::WholeDecoder::*)(size_t, const at::Tensor&) const;
    const auto half = [&](train::Projection& first, Step input, train::Projection& second, Step between,
                          at::Tensor (train::WholeDecoder::*add)(size_t, const at::Tensor&, const at::Tensor&)
                              const) -> Status {
      std::vector<at::Tensor> seen;
      for (const at::Tensor& x : x_) seen.push_back((decoder_.*input)(index, x));
      TRY(Take(first, Hessian(seen)));
      for (at::Tensor& s : seen) s = (decoder_.*between)(index, first.Forward(s));
      TRY(Take(second, Hessian(seen)));
      for (size_t i = 0; i < x_.size(); ++i) x_[i] = (decoder_.*add)(index, x_[i], second.Forward(seen[i]));
      done_ += 1;
      return {};
    };
    using Decoder = train::WholeDecoder;
    TRY(half(block.qkv, &Decoder::QkvInput, block.out, &Decoder::OutInput, &Decoder::AddOut));
    return half(block.gate_up, &Decoder::GateUpInput, block.down, &Decoder::DownInput, &Decoder::AddDown);
  }

  // The mean of x xᵀ over all inputs. Summed up in float32 over short runs, so that little is rounded off.
  static at::Tensor Hessian(const std::vector<at::Tensor>& inputs) {
    constexpr int64_t kRun = 512;
    const int64_t width = inputs.front().size(-1);
    at::Tensor sum = at::zeros({width, width}, at::TensorOptions().dtype(at::kFloat));
    int64_t rows = 0;
    for (const at::Tensor& input : inputs) {
      const at::Tensor flat = input.reshape({-1, width}).to(at::kBFloat16);
      for (int64_t row = 0; row < flat.size(0); row += kRun) {
        const at::Tensor run = flat.narrow(0, row, std::min(kRun, flat.size(0) - row));
        sum += at::matmul(run.t(), run);
      }
      rows += flat.size(0);
    }
    return sum / static_cast<double>(rows);
  }

  Status Take(train::Projection& projection, const at::Tensor& hessian) {
    for (train::LinearPart& part : projection.parts) TRY(Take(part, hessian, options_.damping));
    return {};
  }

  Status Take(train::LinearPart& part, const at::Tensor& hessian, double damping) {
    const int64_t group = GroupFor(part.weight.size(1), options_.group);
    if (group == 0) return {};
    auto grid = Gptq(full_.at(part.name), hessian, {.bits = options_.bits, .group = group, .damping = damping});
    if (!grid) return Error{grid.error().code, part.name + ": " + grid.error().message};
    part.weight = ToTensor(*grid).to(at::kBFloat16);
    full_.erase(part.name);
    grids_.emplace(part.name, std::move(*grid));
    return {};
  }

  train::WholeDecoder& decoder_;
  const Options& options_;
  const Progress& progress_;
  double done_ = 0;
  std::map<std::string, at::Tensor> full_;  // what is not quantised yet, in float32
  std::vector<at::Tensor> ids_;
  std::vector<at::Tensor> x_;  // what the layers so far give, batch by batch: [batch, seq, hidden]
  Grids grids_;
};

}  // namespace

Result<Grids> Calibrate(train::WholeDecoder& decoder, const Options& options, std::span<const train::Window> windows,
                        const Progress& progress) {
  return Calibration(decoder, options, progress).Run(windows);
}

}  // namespace troupe::quantize
