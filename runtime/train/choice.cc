#include "runtime/train/choice.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/minimum.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "runtime/base/check.h"

namespace troupe::train {

std::vector<size_t> ChooseToAsk(std::span<const SureAnswer> answers, const at::Tensor& seen, size_t count) {
  CHECK(seen.size(0) == static_cast<int64_t>(answers.size()));
  const at::Tensor vectors = seen / seen.norm(2, {1}, true);
  at::Tensor doubt = at::empty({seen.size(0)}, at::TensorOptions().dtype(at::kFloat));
  for (size_t i = 0; i < answers.size(); ++i) {
    doubt.mutable_data_ptr<float>()[i] = static_cast<float>(1 - answers[i].confidence);
  }
  // to the nearest chosen one; as long as there is none, as far as can be
  at::Tensor distance = at::full({seen.size(0)}, 2, at::TensorOptions().dtype(at::kFloat));
  std::vector<bool> is_chosen(answers.size(), false);
  std::vector<size_t> chosen;
  while (chosen.size() < std::min(count, answers.size())) {
    const at::Tensor worth = doubt * distance;
    size_t best = answers.size();
    float most = -std::numeric_limits<float>::infinity();
    for (size_t i = 0; i < answers.size(); ++i) {
      const float value = worth.const_data_ptr<float>()[i];
      if (!is_chosen[i] && value > most) std::tie(best, most) = std::pair(i, value);
    }
    is_chosen[best] = true;
    chosen.push_back(best);
    distance = at::minimum(distance, (1 - vectors.mv(vectors[static_cast<int64_t>(best)])).clamp_min(0));
  }
  return chosen;
}

}  // namespace troupe::train
