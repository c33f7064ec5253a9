#include "runtime/model/graph_decoder.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/model/step_failure.h"

namespace troupe::model {
namespace {

// A step taken apart: what goes through recorded steps and what does not, and where the logits of each go.
struct Parts {
  std::vector<Slice> decode, rest;
  std::vector<int64_t> decode_rows, rest_rows;
};

Parts TakeApart(std::span<const Slice> slices) {
  Parts parts;
  int64_t row = 0;
  for (const Slice& slice : slices) {
    const int64_t rows = LogitRows(slice);
    const bool is_decode = slice.tokens.size() == 1 && rows == 1;
    (is_decode ? parts.decode : parts.rest).push_back(slice);
    for (int64_t i = 0; i < rows; ++i) (is_decode ? parts.decode_rows : parts.rest_rows).push_back(row++);
  }
  return parts;
}

// Row i of `from` to row rows[i] of `to`, neighbours at once; waits for the device.
void CopyRows(const at::Tensor& from, std::span<const int64_t> rows, const at::Tensor& to) {
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && rows[end] - rows[begin] == static_cast<int64_t>(end - begin)) ++end;
    const auto count = static_cast<int64_t>(end - begin);
    to.narrow(0, rows[begin], count).copy_(from.narrow(0, static_cast<int64_t>(begin), count));
  }
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

std::string GraphDecoder::compute() const {
  if (!runner_) return decoder_->compute() + " without graphs: " + reason_;
  const std::string how = decoder_->compute() + " with " + runner_->name();
  return reason_.empty() ? how : how + " but for some: " + reason_;
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
    if (Replay(StepBucket{}, {})) return {};
  } catch (const std::exception& failure) {
    reason_ = FirstLine(failure);
  }
  graphs_.clear();
  step_.reset();
  runner_.reset();
  return {};
}

void GraphDecoder::CopyPage(PageId from, PageId to) {
  CHECK(from < pages_ && to < pages_);
  decoder_->CopyPage(from, to);
}

Result<std::span<float>> GraphDecoder::Forward(std::span<const Slice> slices) {
  TRY(CheckSlices(slices, config(), pages_));
  const Parts parts = TakeApart(slices);
  if (!runner_ || parts.decode.empty()) return decoder_->Forward(slices);
  try {
    const c10::InferenceMode mode;
    const auto rows = static_cast<int64_t>(parts.decode_rows.size() + parts.rest_rows.size());
    MakeRoom(rows);
    if (!Decode(parts.decode, parts.decode_rows)) return decoder_->Forward(slices);
    if (!parts.rest.empty()) {
      TRY_ASSIGN(const std::span<float> rest, decoder_->Forward(parts.rest));
      const auto size = static_cast<int64_t>(parts.rest_rows.size());
      CopyRows(at::from_blob(rest.data(), {size, config().vocab_size}), parts.rest_rows, logits_);
    }
    return std::span(logits_.data_ptr<float>(), static_cast<size_t>(rows * config().vocab_size));
  } catch (const std::exception& failure) {
    return StepFailure(failure);
  }
}

void GraphDecoder::MakeRoom(int64_t rows) {
  if (logits_.defined() && logits_.size(0) >= rows) return;
  const bool pinned = decoder_->layers().placement().device.is_cuda();
  logits_ = at::empty({rows, config().vocab_size}, at::TensorOptions().dtype(at::kFloat).pinned_memory(pinned));
}

// In as many steps as it takes. False where one of them cannot be recorded.
bool GraphDecoder::Decode(std::span<const Slice> slices, std::span<const int64_t> rows) {
  while (!slices.empty()) {
    const StepBucket bucket = step_->BucketOf(slices);
    const size_t count = std::min(static_cast<size_t>(bucket.sequences), slices.size());
    if (!Replay(bucket, slices.first(count))) return false;
    CopyRows(step_->Logits(bucket), rows.first(count), logits_);
    slices = slices.subspan(count);
    rows = rows.subspan(count);
  }
  return true;
}

bool GraphDecoder::Replay(const StepBucket& bucket, std::span<const Slice> slices) {
  auto found = graphs_.find(bucket);
  const bool is_new = found == graphs_.end();
  if (is_new || found->second.graph) step_->Send(bucket, slices);  // also what a new graph is warmed up on
  if (is_new) found = Record(bucket);
  found->second.used = ++replays_;
  if (!found->second.graph) return false;
  found->second.graph->Replay();
  return true;
}

GraphDecoder::Graphs::iterator GraphDecoder::Record(const StepBucket& bucket) {
  if (graphs_.size() >= kMaxGraphs) {
    graphs_.erase(std::ranges::min_element(graphs_, {}, [](const auto& entry) { return entry.second.used; }));
  }
  Recorded recorded;
  try {
    recorded.graph = runner_->Capture([this, bucket] { step_->Run(bucket); });
  } catch (const std::exception& failure) {
    reason_ = FirstLine(failure);
  }
  return graphs_.emplace(bucket, std::move(recorded)).first;
}

}  // namespace troupe::model
