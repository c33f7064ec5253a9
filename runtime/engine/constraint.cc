#include "runtime/engine/constraint.h"

#include <utility>

namespace troupe::engine {
namespace {

class GrammarConstraint final : public Constraint {
 public:
  explicit GrammarConstraint(std::unique_ptr<text::Matcher> matcher) : matcher_(std::move(matcher)) {}

  Result<std::span<const uint32_t>> AllowedMask() override { return matcher_->AllowedMask(); }
  Status Accept(text::TokenId id) override { return matcher_->Accept(id); }
  bool IsComplete() override { return matcher_->IsComplete(); }
  bool IsFinished() override { return matcher_->IsFinished(); }
  std::vector<text::TokenId> ForcedTokens() override { return matcher_->ForcedTokens(); }

 private:
  std::unique_ptr<text::Matcher> matcher_;
};

}  // namespace

std::unique_ptr<Constraint> MakeConstraint(std::unique_ptr<text::Matcher> matcher) {
  return std::make_unique<GrammarConstraint>(std::move(matcher));
}

}  // namespace troupe::engine
