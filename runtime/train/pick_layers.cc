#include "runtime/train/pick_layers.h"

#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>

#include <limits>
#include <numeric>

#include "runtime/model/step_failure.h"
#include "runtime/train/token_loss.h"

namespace troupe::train {
namespace {

class Picker {
 public:
  Picker(const WholeDecoder& decoder, std::span<const PromptAnswer> texts)
      : decoder_(decoder), batch_(BatchAnswers(texts, Reader::kStudent)), layers_(decoder.blocks().size()) {
    std::iota(layers_.begin(), layers_.end(), size_t{0});
  }

  // What stands before the layer is computed once for all of them.
  void LeaveOutOne() {
    at::Tensor before = decoder_.Embed(batch_.ids);
    double least = std::numeric_limits<double>::infinity();
    size_t least_missed = 0;
    for (size_t i = 0; i < layers_.size(); ++i) {
      const double loss = LossBehind(before, i + 1);
      if (loss < least) {
        least = loss;
        least_missed = i;
      }
      before = decoder_.Layer(layers_[i], before);
    }
    layers_.erase(layers_.begin() + static_cast<std::ptrdiff_t>(least_missed));
  }

  const std::vector<size_t>& layers() const { return layers_; }

 private:
  double LossBehind(at::Tensor x, size_t from) const {
    for (size_t i = from; i < layers_.size(); ++i) x = decoder_.Layer(layers_[i], x);
    const at::Tensor rows = x.view({-1, x.size(-1)}).index_select(0, batch_.rows);
    return TokenLoss(decoder_.Logits(decoder_.HeadInput(rows)), batch_.targets).loss;
  }

  const WholeDecoder& decoder_;
  const AnswerBatch batch_;
  std::vector<size_t> layers_;
};

}  // namespace

Result<std::vector<int64_t>> LeastMissedLayers(const WholeDecoder& decoder, std::span<const PromptAnswer> texts,
                                               int64_t count, const std::function<Status(double)>& watch) {
  try {
    const c10::AutoGradMode off(false);
    Picker picker(decoder, texts);
    const auto all = static_cast<double>(picker.layers().size()) - static_cast<double>(count);
    for (double left_out = 1; static_cast<int64_t>(picker.layers().size()) > count; ++left_out) {
      picker.LeaveOutOne();
      TRY(watch(left_out / all));
    }
    return std::vector<int64_t>(picker.layers().begin(), picker.layers().end());
  } catch (const std::exception& failure) {
    return model::StepFailure(failure);
  }
}

}  // namespace troupe::train
