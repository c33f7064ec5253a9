#include "router/stores/codec.h"

#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "troupe/v1/store.pb.h"

namespace troupe::stores {
namespace {

constexpr uint32_t kFormat = 1;
constexpr size_t kDigestSize = 64;

bool IsPlausible(const v1::StoredAnswer& stored) {
  return stored.made_ms() >= 0 && stored.ttl_ms() >= 0 && stored.stale_ms() >= 0 && stored.device_ms() >= 0 &&
         stored.tokens() >= 0 && stored.money_micros() >= 0;
}

}  // namespace

std::string Encode(const std::string& key, const cache::Entry& entry) {
  v1::StoredAnswer stored;
  stored.set_format(kFormat);
  stored.set_key(key);
  stored.set_answer(entry.answer);
  const std::string sha256 = Sha256Hex(entry.answer);
  stored.set_answer_sha256(sha256);
  stored.set_made_ms(entry.made_at_ms);
  stored.set_ttl_ms(entry.ttl_ms);
  stored.set_stale_ms(entry.stale_ms);
  stored.set_device_ms(entry.device_ms);
  stored.set_tokens(entry.tokens);
  stored.set_money_micros(entry.money_micros);
  if (!entry.vector.empty()) {
    v1::StoredQuestion& question = *stored.mutable_question();
    question.set_text(entry.question);
    question.set_partition(entry.partition);
    question.set_vector(entry.vector);
    if (entry.answer_digest != sha256) question.set_same_as(entry.answer_digest);
  }
  return stored.SerializeAsString();
}

std::optional<cache::Entry> Decode(const std::string& key, std::string_view bytes) {
  v1::StoredAnswer stored;
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  if (stored.format() != kFormat || stored.key() != key || !IsPlausible(stored)) return std::nullopt;
  if (Sha256Hex(stored.answer()) != stored.answer_sha256() || !ParseValue(stored.answer())) return std::nullopt;
  cache::Entry entry{.answer_digest = std::move(*stored.mutable_answer_sha256()),
                     .made_at_ms = stored.made_ms(),
                     .ttl_ms = stored.ttl_ms(),
                     .stale_ms = stored.stale_ms(),
                     .device_ms = stored.device_ms(),
                     .tokens = stored.tokens(),
                     .money_micros = stored.money_micros()};
  entry.answer = std::move(*stored.mutable_answer());
  if (stored.has_question()) {
    entry.question = std::move(*stored.mutable_question()->mutable_text());
    entry.partition = std::move(*stored.mutable_question()->mutable_partition());
    entry.vector = std::move(*stored.mutable_question()->mutable_vector());
    const std::string& same_as = stored.question().same_as();
    if (same_as.size() == kDigestSize) entry.answer_digest = same_as;
  }
  return entry;
}

std::string Encode(const cache::ThresholdState& state) {
  v1::StoredThreshold stored;
  stored.set_format(kFormat);
  stored.mutable_weights()->Add(state.weights.begin(), state.weights.end());
  stored.mutable_wrong()->Add(state.wrong.begin(), state.wrong.end());
  stored.mutable_squares()->Add(state.squares.begin(), state.squares.end());
  return stored.SerializeAsString();
}

std::optional<cache::ThresholdState> DecodeThreshold(std::string_view bytes) {
  v1::StoredThreshold stored;
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || stored.format() != kFormat) {
    return std::nullopt;
  }
  return cache::ThresholdState{.weights = {stored.weights().begin(), stored.weights().end()},
                               .wrong = {stored.wrong().begin(), stored.wrong().end()},
                               .squares = {stored.squares().begin(), stored.squares().end()}};
}

}  // namespace troupe::stores
