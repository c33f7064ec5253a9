#include "runtime/quantize/distill.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/log_softmax.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numbers>
#include <numeric>
#include <random>

#include "runtime/model/step_failure.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::quantize {
namespace {

// Hands out windows, each once before any comes again.
class Deck {
 public:
  Deck(std::span<const train::Window> windows, uint64_t seed) : windows_(windows), random_(seed) {}

  at::Tensor Deal(int64_t count) {
    std::vector<train::Window> dealt;
    for (int64_t i = 0; i < count; ++i) {
      if (order_.empty()) Shuffle();
      dealt.push_back(windows_[order_.back()]);
      order_.pop_back();
    }
    return train::Batch(dealt);
  }

 private:
  void Shuffle() {
    order_.resize(windows_.size());
    std::iota(order_.begin(), order_.end(), size_t{0});
    for (size_t i = order_.size() - 1; i > 0; --i) std::swap(order_[i], order_[random_() % (i + 1)]);
  }

  std::span<const train::Window> windows_;
  std::mt19937_64 random_;
  std::vector<size_t> order_;
};

class Distillation {
 public:
  Distillation(train::WholeDecoder full, train::WholeDecoder student, const DistillOptions& options)
      : full_(std::move(full)), student_(std::move(student)), options_(options) {}

  // Matrices without a grid stay as they are.
  void Begin(const Grids& start) {
    const auto dtype = options_.half ? at::kBFloat16 : at::kFloat;
    for (train::LinearPart* part : full_.Matrices()) part->weight = part->weight.to(dtype);
    for (train::LinearPart* part : student_.Matrices()) {
      const auto grid = start.find(part->name);
      if (grid == start.end()) {
        part->weight = part->weight.to(dtype);
        continue;
      }
      names_.push_back(part->name);
      grids_.emplace_back(grid->second, part->weight, dtype);
      part->weight = grids_.back().values();
    }
  }

  // The loss before the step.
  double Step(const at::Tensor& ids, int64_t number) {
    at::Tensor wanted, gradient;
    {
      const c10::AutoGradMode off(false);
      wanted = at::log_softmax(full_.Forward(ids), -1);
    }
    const at::Tensor logits = student_.Forward(ids);
    double loss = 0;
    {
      const c10::AutoGradMode off(false);
      // The loss' gradient by hand: what autograd would keep for it is several times the logits.
      at::Tensor own = at::log_softmax(logits, -1);
      const auto tokens = static_cast<double>(ids.numel());
      const at::Tensor probabilities = wanted.exp();
      loss = (wanted.sub_(own).mul_(probabilities)).sum(at::kDouble).item<double>() / tokens;
      gradient = own.exp_().sub_(probabilities).div_(tokens);
    }
    if (!std::isfinite(loss)) return loss;
    logits.backward(gradient);
    const double share = RateAt(number, options_.steps);
    for (TrainedGrid& grid : grids_) {
      grid.Step({options_.rates.code * share, options_.rates.scale * share}, number);
    }
    return loss;
  }

  Grids Take() const {
    Grids grids;
    for (size_t i = 0; i < names_.size(); ++i) grids.emplace(names_[i], grids_[i].grid());
    return grids;
  }

 private:
  train::WholeDecoder full_, student_;
  const DistillOptions& options_;
  std::vector<std::string> names_;
  std::deque<TrainedGrid> grids_;
};

}  // namespace

double RateAt(int64_t step, int64_t steps) {
  const double rising = std::max(1.0, static_cast<double>(steps) / 20);
  const auto at = static_cast<double>(step);
  if (at <= rising) return at / rising;
  const double share = (at - rising) / std::max(1.0, static_cast<double>(steps) - rising);
  return 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, share)));
}

Result<Grids> Distill(const model::ModelConfig& config, const model::WeightSource& full, const Grids& start,
                      std::span<const train::Window> windows, const DistillOptions& options, const Watch& watch) {
  if (windows.empty()) return Invalid("training needs text: give some with --calibrate");
  try {
    const c10::AutoGradMode gradients(true);
    TRY_ASSIGN(train::WholeDecoder teacher, train::WholeDecoder::Load(config, full));
    TRY_ASSIGN(train::WholeDecoder student, train::WholeDecoder::Load(config, full));
    Distillation distillation(std::move(teacher), std::move(student), options);
    distillation.Begin(start);
    Deck deck(windows, options.seed);
    for (int64_t step = 1; step <= options.steps; ++step) {
      const double loss = distillation.Step(deck.Deal(options.batch), step);
      if (!std::isfinite(loss))
        return Internal("training went astray: the loss of step " + std::to_string(step) +
                        " is no number; try smaller rates");
      watch(step, loss);
    }
    return distillation.Take();
  } catch (const std::exception& failure) {
    return Internal("training failed: " + model::FirstLine(failure));
  }
}

}  // namespace troupe::quantize
