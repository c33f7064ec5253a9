#include "runtime/train/stored_top.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "runtime/model/safetensors_writer.h"
#include "runtime/model/step_failure.h"
#include "runtime/train/length_batches.h"

namespace troupe::train {
namespace {

constexpr char kIds[] = "ids", kLogProbs[] = "log_probs", kOf[] = "of";
constexpr size_t kTogether = 16;  // texts that the teacher is asked about at once

std::vector<int64_t> BeginsOf(const AnswerTexts& texts) {
  std::vector<int64_t> begins{0};
  for (size_t i = 0; i < texts.size(); ++i) {
    begins.push_back(begins.back() + static_cast<int64_t>(texts.AnswerLength(i)));
  }
  return begins;
}

// The file's tensors as they grow; texts come in any order.
struct Table {
  int64_t k;
  std::vector<int32_t> ids;
  std::vector<float> log_probs;

  Table(int64_t tokens, int64_t k_) : k(k_), ids(static_cast<size_t>(tokens * k)), log_probs(ids.size()) {}

  void Put(int64_t token, const TopTokens& top, int64_t from, int64_t count) {
    const at::Tensor these = top.ids.narrow(0, from, count).contiguous();
    const at::Tensor probs = top.log_probs.narrow(0, from, count).contiguous();
    const auto at = static_cast<size_t>(token * k);
    std::transform(these.const_data_ptr<int64_t>(), these.const_data_ptr<int64_t>() + count * k, ids.begin() + at,
                   [](int64_t id) { return static_cast<int32_t>(id); });
    std::copy_n(probs.const_data_ptr<float>(), count * k, log_probs.begin() + at);
  }
};

Status FillIn(Table& table, const WholeDecoder& teacher, const AnswerTexts& texts, double temperature,
              const std::function<Status(double)>& watch) {
  const c10::AutoGradMode off(false);
  const std::vector<int64_t> begins = BeginsOf(texts);
  const std::vector<size_t> order = ShortestFirst(texts.Lengths());
  for (size_t begin = 0; begin < order.size(); begin += kTogether) {
    const auto these = std::span(order).subspan(begin, std::min(kTogether, order.size() - begin));
    const at::Tensor logits = AnswerLogits(teacher, BatchAnswers(texts.At(these), Reader::kTeacher));
    const TopTokens top = TopOf(logits, table.k, temperature);
    int64_t from = 0;
    for (const size_t text : these) {
      const auto count = static_cast<int64_t>(texts.AnswerLength(text));
      table.Put(begins[text], top, from, count);
      from += count;
    }
    TRY(watch(static_cast<double>(begin + these.size()) / static_cast<double>(order.size())));
  }
  return {};
}

}  // namespace

Status StoreTop(const std::filesystem::path& file, const WholeDecoder& teacher, const AnswerTexts& texts, int64_t k,
                double temperature, const std::string& of, const std::function<Status(double)>& watch) {
  try {
    Table table(BeginsOf(texts).back(), std::min(k, teacher.config().vocab_size));
    TRY(FillIn(table, teacher, texts, temperature, watch));
    const std::vector<int64_t> shape{BeginsOf(texts).back(), table.k};
    return model::WriteSafetensors(
        file,
        {model::TensorOut::Of(kIds, model::Format::kI32, shape, std::span<const int32_t>(table.ids)),
         model::TensorOut::Of(kLogProbs, model::Format::kF32, shape, std::span<const float>(table.log_probs)),
         model::TensorOut::Of(kOf, model::Format::kU8, {static_cast<int64_t>(of.size())}, std::span<const char>(of))},
        {});
  } catch (const std::exception& failure) {
    return model::StepFailure(failure);
  }
}

Result<std::unique_ptr<const StoredTop>> StoredTop::Open(const std::filesystem::path& file, const AnswerTexts& texts,
                                                         const std::string& of) {
  TRY_ASSIGN(std::shared_ptr<const model::MappedFile> mapped, model::MappedFile::Open(file));
  TRY_ASSIGN(model::Safetensors opened, model::Safetensors::Open(std::move(mapped)));
  const model::TensorView *ids = opened.Find(kIds), *log_probs = opened.Find(kLogProbs), *named = opened.Find(kOf);
  const std::vector<int64_t> begins = BeginsOf(texts);
  const bool is_whole = ids != nullptr && log_probs != nullptr && named != nullptr && ids->shape.size() == 2 &&
                        ids->shape == log_probs->shape && ids->format == model::Format::kI32 &&
                        log_probs->format == model::Format::kF32;
  if (!is_whole) return Invalid(file.string() + ": holds nothing that a teacher said; remove it");
  const std::string_view name(reinterpret_cast<const char*>(named->bytes.data()), named->bytes.size());
  if (name != of || ids->shape[0] != begins.back()) {
    return FailedPrecondition(file.string() + ": is what another teacher said, or of other texts; remove it");
  }
  std::unique_ptr<StoredTop> stored(new StoredTop(std::move(opened)));
  const auto view = [](const model::TensorView& tensor, at::ScalarType type) {
    return at::from_blob(const_cast<std::byte*>(tensor.bytes.data()), tensor.shape, at::TensorOptions().dtype(type));
  };
  stored->begins_ = begins;
  stored->ids_ = view(*ids, at::kInt);
  stored->log_probs_ = view(*log_probs, at::kFloat);
  return std::unique_ptr<const StoredTop>(std::move(stored));
}

TopTokens StoredTop::Of(std::span<const size_t> texts) const {
  std::vector<at::Tensor> ids, log_probs;
  for (const size_t text : texts) {
    const int64_t begin = begins_[text], count = begins_[text + 1] - begin;
    ids.push_back(ids_.narrow(0, begin, count));
    log_probs.push_back(log_probs_.narrow(0, begin, count));
  }
  return {at::cat(ids).to(at::kLong), at::cat(log_probs)};
}

}  // namespace troupe::train
