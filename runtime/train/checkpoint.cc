#include "runtime/train/checkpoint.h"

#include <cstring>

#include "runtime/model/mapped_file.h"
#include "runtime/model/safetensors.h"
#include "runtime/train/named_tensors.h"

namespace troupe::train {
namespace {

constexpr char kState[] = "state";  // JSON as bytes
constexpr char kBest[] = "best.";

Result<Value> StateOf(const model::Safetensors& file) {
  const model::TensorView* view = file.Find(kState);
  if (view == nullptr) return Invalid("it has no state");
  TRY_ASSIGN(Value state, ParseValue({reinterpret_cast<const char*>(view->bytes.data()), view->bytes.size()},
                                     {.max_bytes = 1u << 28}));
  if (!state.is_object() || !state.contains("run") || !state.contains("log") || !state["log"].is_object() ||
      !state.contains("step") || !state["step"].is_number_unsigned()) {
    return Invalid("its state is not whole");
  }
  return state;
}

Result<Resumed> Restore(const model::Safetensors& file, const Value& state, Training& training) {
  Resumed resumed;
  TRY_ASSIGN(resumed.log, TrainingLog::From(state["log"]));
  const auto step = state["step"].get<int64_t>();
  if (resumed.log.losses.size() != static_cast<size_t>(step)) return Invalid("its log is of another length");
  TRY(training.Restore(file, step));
  if (resumed.log.best < 0) return resumed;
  // in the parameters' order, as they were: the folder that is made of them is the same to the byte
  for (const Parameter& parameter : training.Weights()) {
    model::TensorOut weight = ToFile(parameter.name, parameter.value);
    const model::TensorView* view = file.Find(kBest + parameter.name);
    if (view == nullptr || view->bytes.size() != weight.bytes.size()) return Invalid("its best weights are not whole");
    std::memcpy(weight.bytes.data(), view->bytes.data(), view->bytes.size());
    resumed.best.push_back(std::move(weight));
  }
  return resumed;
}

}  // namespace

Status SaveCheckpoint(const std::filesystem::path& file, const std::string& run, const Training& training,
                      const TrainingLog& log, const BestWeights& best) {
  const std::string state = Dump({{"run", run}, {"step", training.at()}, {"log", log.ToValue()}});
  std::vector<model::TensorOut> tensors = training.Tensors();
  for (model::TensorOut tensor : best) {
    tensor.name = kBest + tensor.name;
    tensors.push_back(std::move(tensor));
  }
  // behind all others, which want to begin at multiples of four bytes
  tensors.push_back(model::TensorOut::Of(kState, model::Format::kU8, {static_cast<int64_t>(state.size())},
                                         std::span<const char>(state)));
  return model::WriteSafetensors(file, tensors, {});
}

Result<std::optional<Resumed>> LoadCheckpoint(const std::filesystem::path& file, const std::string& run,
                                              Training& training) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::optional<Resumed>();
  const auto unusable = [&](const Error& error) {
    return Invalid(file.string() + ": cannot go on from this checkpoint: " + error.message +
                   "; --fresh begins from the start");
  };
  TRY_ASSIGN(std::shared_ptr<const model::MappedFile> mapped, model::MappedFile::Open(file));
  const auto opened = model::Safetensors::Open(std::move(mapped));
  if (!opened) return unusable(opened.error());
  const auto state = StateOf(*opened);
  if (!state) return unusable(state.error());
  if ((*state)["run"] != run) {
    return FailedPrecondition(file.string() +
                              ": the checkpoint is of a run with another recipe, model or data; --fresh begins from "
                              "the start, or give another folder");
  }
  auto resumed = Restore(*opened, *state, training);
  if (!resumed) return unusable(resumed.error());
  return std::optional<Resumed>(std::move(*resumed));
}

}  // namespace troupe::train
