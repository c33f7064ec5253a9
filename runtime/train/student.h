// A smaller encoder out of a larger one, to begin its training from: some of the teacher's layers (Sanh et al., 2019,
// arXiv:1910.01108), and of each the neurons of the feed-forward that weigh most.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/weights.h"

namespace troupe::train {

struct StudentShape {
  // The teacher's layers that it takes over, from 0, in order.
  std::vector<int64_t> layers;
  int64_t ffn = 0;  // neurons of its feed-forward
};

// `count` of the teacher's layers, evenly over it and with its last: {2, 5} for 2 of 6.
std::vector<int64_t> SpreadLayers(int64_t of, int64_t count);

// Errors: INVALID_ARGUMENT for layers that are not there or not in order, or a feed-forward wider than the teacher's.
Status CheckShape(const model::ModelConfig& teacher, const StudentShape& shape);
// `shape` has passed CheckShape.
model::ModelConfig StudentConfig(const model::ModelConfig& teacher, const StudentShape& shape);

// The teacher's weights as a student of that shape has them. A neuron weighs the norm of what it reads times the norm
// of what it writes. `teacher` is looked at whenever a weight is asked for.
std::shared_ptr<const model::WeightSource> StudentWeights(const model::ModelConfig& config,
                                                          std::shared_ptr<const model::WeightSource> teacher,
                                                          StudentShape shape);

}  // namespace troupe::train
