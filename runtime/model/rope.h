// Rotary positions (Su et al., 2021) and the ways to stretch them beyond the lengths that a model was trained on. A
// model has one Rope for each set of frequencies it uses. Immutable; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace troupe::model {

enum class RopeKind : uint8_t {
  kDefault,
  kLinear,        // every frequency divided by `factor` (Chen et al., 2023)
  kDynamic,       // the base grows with the sequence past `original_positions` ("dynamic NTK")
  kYarn,          // slow frequencies divided by `factor`, fast ones kept (Peng et al., 2023)
  kLongRope,      // a divisor for each frequency, other ones past `original_positions` (Ding et al., 2024)
  kLlama3,        // by wavelength: short ones kept, long ones divided, blended in between
  kProportional,  // the first share of all pairs turn, with the frequencies of the whole head
  kDivided,       // a divisor for each frequency (GGUF's rope_freqs.weight, which is how it keeps kLlama3)
};

// As in a config.json ("rope_type"); GGUF's "none" is "default".
std::string_view RopeKindName(RopeKind kind);

struct RopeConfig {
  RopeKind kind = RopeKind::kDefault;
  double theta = 10'000;
  int64_t dims = 0;  // of a head that are turned, from the first on; even
  double factor = 1;
  double attention_factor = 1;  // cosines and sines are multiplied by it (kYarn, kLongRope)
  // The length that the model was trained on before it was stretched.
  int64_t original_positions = 0;
  double beta_fast = 32, beta_slow = 1;  // kYarn: turns within original_positions where the blend begins and ends
  bool truncate = true;                  // kYarn: the blend begins and ends at whole pairs
  double low_freq_factor = 1, high_freq_factor = 4;   // kLlama3
  double share = 1;                                   // kProportional: the share of the pairs that turn
  std::vector<double> short_divisors, long_divisors;  // kLongRope, one a pair; kDivided has short ones only

  bool operator==(const RopeConfig&) const = default;
};

class Rope {
 public:
  // `config` is checked (config.h).
  explicit Rope(const RopeConfig& config);

  // Pairs that turn: dims / 2.
  int64_t pairs() const { return config_.dims / 2; }
  // Cosines and sines of positions [first, first + count) of a sequence of `length` tokens, each [count, pairs].
  // kDynamic and kLongRope choose their frequencies by `length`; for the others it does not matter.
  void Fill(int64_t first, int64_t count, int64_t length, float* cosines, float* sines) const;

 private:
  RopeConfig config_;
  std::vector<float> usual_;   // radians a position, one a pair
  std::vector<float> longer_;  // kLongRope: past original_positions
};

}  // namespace troupe::model
