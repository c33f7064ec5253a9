// cuda_speed MODEL.gguf: tokens a second of decode steps on the first GPU in bfloat16, op by op and in CUDA graphs, in
// one run, as JSON. Half a minute.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <numeric>
#include <vector>

#include "runtime/base/value.h"
#include "runtime/model/aten_decoder.h"
#include "runtime/model/load_decoder.h"
#include "runtime/model/model_files.h"
#include "tests/cuda/gpu.h"

namespace troupe::model {
namespace {

constexpr int64_t kPrompt = 512;
constexpr int64_t kSteps = 64;
constexpr int kRounds = 3;

// Sequences with pages and a prompt of their own, and what a step of one token each takes.
class Run {
 public:
  Run(Decoder& decoder, int64_t sequences) : decoder_(decoder), tokens_(kPrompt) {
    for (int64_t i = 0; i < kPrompt; ++i) tokens_[static_cast<size_t>(i)] = static_cast<int32_t>(100 + i * 7 % 1000);
    const int64_t pages = PagesFor(kPrompt + kSteps);
    for (int64_t i = 0; i < sequences; ++i) {
      pages_.emplace_back(pages);
      std::iota(pages_.back().begin(), pages_.back().end(), static_cast<PageId>(i * pages));
    }
  }

  Result<double> TokensPerSecond() {
    TRY(decoder_.ReservePages(static_cast<int64_t>(pages_.size()) * PagesFor(kPrompt + kSteps)));
    for (const auto& pages : pages_) {
      const Slice prompt{tokens_, pages, 0, Logits::kNone};
      if (auto status = decoder_.Forward(std::span(&prompt, 1)); !status) return tl::unexpected(status.error());
    }
    double best = 0;
    for (int round = 0; round <= kRounds; ++round) {  // the first one warms up
      const auto begin = std::chrono::steady_clock::now();
      for (int64_t step = 0; step < kSteps; ++step) TRY(Step(kPrompt + step));
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      if (round > 0) best = std::max(best, static_cast<double>(pages_.size()) * kSteps / took.count());
    }
    return best;
  }

 private:
  Status Step(int64_t length) {
    std::vector<Slice> slices;
    for (const auto& pages : pages_) slices.push_back({std::span(tokens_).first(1), pages, length});
    const auto logits = decoder_.Forward(slices);
    if (!logits) return tl::unexpected(logits.error());
    return {};
  }

  Decoder& decoder_;
  std::vector<int32_t> tokens_;
  std::vector<std::vector<PageId>> pages_;
};

Result<Value> Measure(const char* path) {
  TRY_ASSIGN(const Gpu gpu, FirstGpu());
  TRY_ASSIGN(const ModelFiles files, LoadFolderOrGguf(path));
  TRY_ASSIGN(const auto plain, AtenDecoder::Load(files.config, *files.weights, {gpu.device, at::kBFloat16}));
  TRY_ASSIGN(const auto recorded,
             LoadDecoder(files.config, *files.weights, {.device = gpu.device, .weights = WeightFormat::kBf16}));
  Value rows = Value::array();
  for (const int64_t sequences : {1, 4, 16, 64}) {
    TRY_ASSIGN(const double op_by_op, Run(*plain, sequences).TokensPerSecond());
    TRY_ASSIGN(const double in_graphs, Run(*recorded, sequences).TokensPerSecond());
    rows.push_back({{"sequences", sequences},
                    {"op_by_op_tokens_per_s", op_by_op},
                    {"in_graphs_tokens_per_s", in_graphs},
                    {"ratio", in_graphs / op_by_op}});
  }
  return Value{{"device", gpu.name},
               {"model", files.config.name},
               {"compute", recorded->compute()},
               {"prompt_tokens", kPrompt},
               {"decode", rows}};
}

}  // namespace
}  // namespace troupe::model

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: cuda_speed MODEL.gguf\n");
    return 2;
  }
  const auto figures = troupe::model::Measure(argv[1]);
  if (!figures) {
    std::fprintf(stderr, "cuda_speed: error: %s\n", ToString(figures.error()).c_str());
    return 1;
  }
  std::printf("%s\n", figures->dump(2).c_str());
  return 0;
}
