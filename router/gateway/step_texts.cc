#include "router/gateway/step_texts.h"

#include <algorithm>
#include <utility>

namespace troupe::gateway {

const StepTexts::Text* StepTexts::Find(const std::string& path, int attempt) const {
  const auto same =
      std::find_if(texts_.begin(), texts_.end(), [&](const Text& t) { return t.path == path && t.attempt == attempt; });
  return same == texts_.end() ? nullptr : &*same;
}

StepTexts::Text& StepTexts::At(const std::string& path, int attempt) {
  for (Text& text : texts_) {
    if (text.path == path && text.attempt == attempt) return text;
  }
  return texts_.emplace_back(Text{.path = path, .attempt = attempt});
}

void StepTexts::Add(const std::string& path, int attempt, const std::string& text, int64_t generated_tokens) {
  Text& kept = At(path, attempt);
  kept.fresh += text;
  kept.generated_tokens = generated_tokens;
  fresh_bytes_ += text.size();
}

void StepTexts::MarkRecorded(const std::string& path, int attempt) { At(path, attempt).recorded = true; }

void StepTexts::Forget(const std::string& path, int attempt) {
  const Text* same = Find(path, attempt);
  if (same == nullptr) return;
  fresh_bytes_ -= same->fresh.size();
  texts_.erase(texts_.begin() + (same - texts_.data()));
}

bool StepTexts::HasFresh(const std::string& path, int attempt) const {
  const Text* same = Find(path, attempt);
  return same != nullptr && !same->fresh.empty();
}

bool StepTexts::IsPartlyRecorded(const std::string& path, int attempt) const {
  const Text* same = Find(path, attempt);
  return same != nullptr && same->recorded && !same->fresh.empty();
}

std::vector<core::StepProgress> StepTexts::TakeFresh() {
  std::vector<core::StepProgress> taken;
  for (Text& text : texts_) {
    if (text.fresh.empty()) continue;
    text.recorded = true;
    taken.push_back({text.path, text.attempt, std::exchange(text.fresh, {}), text.generated_tokens});
  }
  fresh_bytes_ = 0;
  return taken;
}

}  // namespace troupe::gateway
