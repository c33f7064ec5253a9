#include "runtime/engine/engine.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/device/torch_device.h"
#include "runtime/engine/engine_impl.h"
#include "runtime/engine/fit.h"
#include "runtime/model/adapter.h"
#include "runtime/model/decoder.h"
#include "runtime/model/load_decoder.h"
#include "runtime/model/model_files.h"
#include "runtime/model/size.h"

namespace troupe::engine {
namespace {

Status CheckOptions(const EngineOptions& options) {
  const auto check = [](int64_t value, int64_t low, int64_t high, const char* field) -> Status {
    if (value >= low && value <= high) return {};
    return Invalid(std::string("engine: ") + field + " is " + std::to_string(value) + ", allowed is " +
                   std::to_string(low) + " to " + std::to_string(high));
  };
  TRY(check(options.max_sequences, 1, 1024, "max_sequences"));
  TRY(check(options.max_queued, 0, 1 << 20, "max_queued"));
  TRY(check(options.max_context, 0, 1 << 24, "max_context"));
  TRY(check(options.max_pages, 0, INT32_MAX, "max_pages"));
  TRY(check(options.prefill_chunk, 0, 1 << 16, "prefill_chunk"));
  TRY(check(options.threads, 1, 1024, "threads"));
  return {};
}

Result<Room> RoomFor(const model::DecoderBytes& bytes, const model::ModelConfig& config, const EngineOptions& options) {
  const int64_t wanted =
      options.max_context == 0 ? config.max_positions : std::min<int64_t>(options.max_context, config.max_positions);
  return RoomThatFits(bytes, options.max_sequences, wanted, options.max_pages, options.device);
}

struct Digests {
  std::string base, whole;
};

// Merges the adapter, if there is one, into the files' weights.
Result<Digests> Adapt(model::ModelFiles& files, const std::filesystem::path& folder) {
  Digests digests;
  TRY_ASSIGN(digests.base, files.Digest());
  digests.whole = digests.base;
  if (folder.empty()) return digests;
  TRY_ASSIGN(const model::Adapter adapter, model::Adapter::Open(folder));
  if (!adapter.base_sha256().empty() && adapter.base_sha256() != digests.base) {
    return FailedPrecondition(folder.string() + ": the adapter was made for a model with SHA-256 " +
                              adapter.base_sha256() + ", " + files.path.string() + " has " + digests.base);
  }
  TRY_ASSIGN(files.weights, adapter.On(files.weights));
  TRY_ASSIGN(const std::string own, adapter.Digest());
  digests.whole = Sha256Hex(digests.base + own);
  return digests;
}

}  // namespace

Result<std::unique_ptr<Engine::Impl>> Engine::MakeImpl(std::unique_ptr<model::Decoder> model,
                                                       std::shared_ptr<const text::Tokenizer> tokenizer,
                                                       std::vector<TokenId> end_ids, const EngineOptions& options) {
  TRY_ASSIGN(const Room room, RoomFor({model->weight_bytes(), model->page_bytes()}, model->config(), options));
  TRY(model->ReservePages(room.pages));
  return std::make_unique<Impl>(std::move(model), std::move(tokenizer), std::move(end_ids), options, room);
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Loop(); });
}

Engine::~Engine() { Stop(); }

void Engine::Stop() { impl_->Stop(); }

Result<std::unique_ptr<Engine>> Engine::Make(std::unique_ptr<model::Decoder> model,
                                             std::shared_ptr<const text::Tokenizer> tokenizer,
                                             std::vector<TokenId> end_ids, const EngineOptions& options) {
  TRY(CheckOptions(options));
  TRY_ASSIGN(auto impl, MakeImpl(std::move(model), std::move(tokenizer), std::move(end_ids), options));
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Result<std::unique_ptr<Engine>> Engine::Load(const std::filesystem::path& path, const EngineOptions& options) {
  TRY(CheckOptions(options));
  TRY_ASSIGN(model::ModelFiles files, model::LoadFolderOrGguf(path));
  TRY_ASSIGN(const Digests digests, Adapt(files, options.adapter));
  TRY_ASSIGN(const c10::Device device, device::ToTorch(options.device));
  const model::WeightFormat format = FormatOf(options.compute).value_or(model::BestFormat(*files.weights, device));
  const model::DecoderBytes bytes = model::BytesOf(files.config, format);
  TRY(RoomFor(bytes, files.config, options));  // before anything is loaded
  TRY_ASSIGN(std::unique_ptr<model::Decoder> model,
             model::LoadDecoder(files.config, *files.weights, {device, format, options.threads}));
  TRY_ASSIGN(auto impl, MakeImpl(std::move(model), files.tokenizer, files.end_ids, options));
  impl->info.name = path.filename().string();
  impl->info.digest = digests.whole;
  impl->info.base_digest = digests.base;
  if (!files.chat_template.empty()) {
    auto compiled = text::ChatTemplate::Compile(files.chat_template, files.bos, files.eos);
    if (!compiled) return Error{compiled.error().code, path.string() + ": chat template: " + compiled.error().message};
    impl->chat_template = std::move(*compiled);
  }
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Result<Handle> Engine::Generate(Request request, Callbacks callbacks) {
  return impl_->Enqueue(std::move(request), std::move(callbacks));
}

EngineStats Engine::Stats() const {
  const std::lock_guard lock(impl_->mutex);
  EngineStats stats = impl_->stats;
  stats.queued = static_cast<int32_t>(impl_->queue.size()) + (impl_->is_picking ? 1 : 0);
  return stats;
}

const ModelInfo& Engine::info() const { return impl_->info; }
std::shared_ptr<const text::Tokenizer> Engine::tokenizer() const { return impl_->tokenizer; }
std::span<const TokenId> Engine::end_ids() const { return impl_->end_ids; }
std::span<const std::string> Engine::special_spellings() const { return impl_->special_spellings; }
const text::ChatTemplate* Engine::chat_template() const {
  return impl_->chat_template ? &*impl_->chat_template : nullptr;
}

Result<std::shared_ptr<const text::GrammarEnv>> Engine::grammar_env() const {
  const std::lock_guard lock(impl_->grammar_mutex);
  if (!impl_->grammar_env) {
    TRY_ASSIGN(impl_->grammar_env, text::GrammarEnv::Make(impl_->tokenizer, impl_->end_ids, impl_->info.vocab_size));
  }
  return impl_->grammar_env;
}

}  // namespace troupe::engine
