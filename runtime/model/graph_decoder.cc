#include "runtime/model/graph_decoder.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "runtime/base/check.h"

namespace troupe::model {
namespace {

bool IsDecode(std::span<const Slice> slices) {
  return std::ranges::all_of(
      slices, [](const Slice& slice) { return slice.tokens.size() == 1 && slice.logits != Logits::kNone; });
}

// torch's messages go on with a trace of calls.
std::string FirstLine(const std::exception& failure) {
  const std::string message = failure.what();
  return message.substr(0, message.find('\n'));
}

}  // namespace

GraphDecoder::GraphDecoder(std::unique_ptr<AtenDecoder> decoder, Result<std::unique_ptr<GraphRunner>> runner)
    : decoder_(std::move(decoder)) {
  if (runner) {
    runner_ = std::move(*runner);
  } else {
    reason_ = runner.error().message;
  }
}

GraphDecoder::~GraphDecoder() = default;

std::string GraphDecoder::compute() const {
  return decoder_->compute() + (runner_ ? " with " + runner_->name() : " without graphs: " + reason_);
}

void GraphDecoder::GiveUp(const std::string& reason) {
  graphs_.clear();
  step_.reset();
  runner_.reset();
  reason_ = reason;
}

Status GraphDecoder::ReservePages(int64_t pages) {
  graphs_.clear();  // they know the old pages by address
  step_.reset();
  pages_ = 0;
  if (pages < 0 || !runner_) {
    TRY(decoder_->ReservePages(pages));
    pages_ = pages;
    return {};
  }
  TRY(decoder_->ReservePages(pages + 1));
  pages_ = pages;
  try {
    const c10::InferenceMode mode;
    step_ = std::make_unique<StaticStep>(decoder_->layers(), decoder_->pages());
    Replay(StepBucket{}, {});
  } catch (const std::exception& failure) {
    GiveUp("a step cannot be made ready: " + FirstLine(failure));
  }
  return {};
}

void GraphDecoder::CopyPage(PageId from, PageId to) {
  CHECK(from < pages_ && to < pages_);
  decoder_->CopyPage(from, to);
}

Result<std::span<float>> GraphDecoder::Forward(std::span<const Slice> slices) {
  TRY(CheckSlices(slices, config(), pages_));
  if (!runner_ || !IsDecode(slices)) return decoder_->Forward(slices);
  try {
    const c10::InferenceMode mode;
    if (Decode(slices)) return std::span(logits_.data_ptr<float>(), slices.size() * config().vocab_size);
  } catch (const std::exception& failure) {
    return Internal(std::string("a step of the model failed: ") + failure.what());
  }
  return decoder_->Forward(slices);
}

// In as many steps as it takes. False where one could not be recorded.
bool GraphDecoder::Decode(std::span<const Slice> slices) {
  const auto rows = static_cast<int64_t>(slices.size());
  if (!logits_.defined() || logits_.size(0) < rows) {
    const bool is_cpu = decoder_->layers().placement().device.type() == c10::kCPU;
    logits_ = at::empty({rows, config().vocab_size}, at::TensorOptions().dtype(at::kFloat).pinned_memory(!is_cpu));
  }
  int64_t done = 0;
  while (done < rows) {
    const std::span<const Slice> left = slices.subspan(static_cast<size_t>(done));
    const StepBucket bucket = step_->BucketOf(left);
    const int64_t count = std::min(bucket.sequences, rows - done);
    if (!Replay(bucket, left.first(static_cast<size_t>(count)))) return false;
    logits_.narrow(0, done, count).copy_(step_->Logits(bucket).narrow(0, 0, count));  // waits for the device
    done += count;
  }
  return true;
}

bool GraphDecoder::Replay(const StepBucket& bucket, std::span<const Slice> slices) {
  step_->Send(bucket, slices);  // also what a new graph is warmed up on
  auto found = graphs_.find(bucket);
  if (found == graphs_.end()) {
    if (graphs_.size() >= kMaxGraphs) {
      graphs_.erase(std::ranges::min_element(graphs_, {}, [](const auto& entry) { return entry.second.used; }));
    }
    try {
      std::unique_ptr<Graph> graph = runner_->Capture([this, bucket] { step_->Run(bucket); });
      found = graphs_.emplace(bucket, Recorded{std::move(graph)}).first;
    } catch (const std::exception& failure) {
      GiveUp("a step cannot be recorded: " + FirstLine(failure));
      return false;
    }
  }
  found->second.used = ++replays_;
  found->second.graph->Replay();
  return true;
}

}  // namespace troupe::model
