#include "agents/generate/generate.h"

#include <optional>
#include <string>
#include <utility>

#include "agents/generate/consult.h"
#include "agents/generate/doubt.h"
#include "agents/generate/load.h"
#include "agents/generate/orders.h"
#include "agents/generate/writer.h"
#include "runtime/text/grammar.h"

namespace troupe::generate {
namespace {

constexpr int kDefaultSlots = 8;

class Generate final : public host::Kind {
 public:
  Generate(std::unique_ptr<engine::Engine> engine, std::shared_ptr<const text::Grammar> grammar,
           std::shared_ptr<const Doubt> doubt, const host::Spec& spec)
      : engine_(std::move(engine)),
        writer_(*engine_, std::move(grammar), spec.config),
        doubt_(std::move(doubt)),
        slots_(spec.slots > 0 ? spec.slots : kDefaultSlots) {
    if (doubt_ != nullptr) consult_.emplace(writer_, *doubt_);
  }

  host::Facts facts() const override {
    return {.model_digest = engine_->info().digest, .slots = slots_, .compute = engine_->info().compute};
  }
  double tokens_per_second() const override { return engine_->Stats().tokens_per_second; }
  host::Pages pages() const override { return PagesOf(*engine_); }
  void Stop() override { engine_->Stop(); }

  void Work(std::shared_ptr<host::Step> step) override {
    auto pass = writer_.PassFor(*step);
    if (!pass) return step->Fail(std::move(pass).error(), {});
    if (consult_) {
      if (step->input().value("mayAsk", true)) return consult_->Work(std::move(step), std::move(*pass));
      pass->asked = false;
    }
    writer_.Write(std::move(step), std::move(*pass));
  }

 private:
  const std::unique_ptr<engine::Engine> engine_;
  const Writer writer_;
  // Null: it never asks.
  const std::shared_ptr<const Doubt> doubt_;
  std::optional<Consult> consult_;
  const int slots_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  const auto where = [&](const Error& error) {
    return Error{error.code, "agent \"" + spec.agent + "\": " + error.message};
  };
  if (auto fits = engine::CheckParams(Sampling(spec.config)); !fits) return where(fits.error());
  auto doubt = Doubt::Read(spec.config);
  if (!doubt) return where(doubt.error());
  TRY_ASSIGN(auto engine, LoadEngine(spec, spec.slots > 0 ? spec.slots : kDefaultSlots));
  if (*doubt != nullptr && (*doubt)->schema()) {
    TRY_ASSIGN(const auto env, engine->grammar_env());
    // says at start what would fail at the first question
    if (auto fits = text::Grammar::FromJsonSchema(*(*doubt)->schema(), env); !fits) {
      return where(Error{fits.error().code, "askSchema: " + fits.error().message});
    }
  }
  auto grammar = MakeGrammar(*engine, spec.config);
  if (!grammar) return where(grammar.error());
  return std::make_unique<Generate>(std::move(engine), std::move(*grammar), std::move(*doubt), spec);
}

}  // namespace troupe::generate
