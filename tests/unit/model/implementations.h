// Every implementation of decoders there is, computing in float32: what is true of one is true of all.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "runtime/model/aten_decoder.h"
#include "runtime/model/cpu_decoder.h"
#include "runtime/model/graph_decoder.h"
#include "tests/unit/model/remembering_runner.h"

namespace troupe::model {

inline std::vector<std::unique_ptr<Decoder>> InFloat32(const ModelConfig& config, const WeightSource& weights) {
  std::vector<std::unique_ptr<Decoder>> decoders;
  auto aten = AtenDecoder::Load(config, weights, {});
  auto recorded = AtenDecoder::Load(config, weights, {});
  auto cpu = CpuDecoder::Load(config, weights, {.weights = WeightFormat::kF32, .threads = 2});
  EXPECT_TRUE(aten) << ToString(aten.error());
  EXPECT_TRUE(recorded) << ToString(recorded.error());
  EXPECT_TRUE(cpu) << ToString(cpu.error());
  if (aten) decoders.push_back(std::move(*aten));
  if (recorded) {
    decoders.push_back(std::make_unique<GraphDecoder>(std::move(*recorded), std::make_unique<RememberingRunner>()));
  }
  if (cpu) decoders.push_back(std::move(*cpu));
  return decoders;
}

// For SCOPED_TRACE.
inline const char* NameOf(const Decoder& decoder) {
  if (dynamic_cast<const CpuDecoder*>(&decoder) != nullptr) return "CpuDecoder";
  return dynamic_cast<const GraphDecoder*>(&decoder) != nullptr ? "GraphDecoder" : "AtenDecoder";
}

}  // namespace troupe::model
