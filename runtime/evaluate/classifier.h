// Classifiers side by side on labelled texts that none was trained on: how often each is right, how often it says what
// the first one says, how far its confidence can be believed, how large and how fast it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/labelled_texts.h"

namespace troupe::evaluate {

struct ClassifierRow {
  std::string name;    // as the person gave it: "bank-student", "bank-student:int8"
  std::string scheme;  // what it computes in
  int64_t parameters = 0;
  int64_t file_bytes = 0;
  int64_t weight_bytes = 0;      // in memory
  double accuracy = 0;           // share of texts answered right, 0 to 1
  double agreement = 0;          // share of texts answered as the first model does
  double calibration_error = 0;  // expected, 0 to 1
  double text_ms = 0;            // a text by itself, median; 0: not measured
  double texts_s = 0;            // of calls of kTogether texts, median; 0: not measured
};

struct ClassifierOptions {
  int threads = 1;
  int rounds = 5;  // of measuring speed, in which all take turns; 0: not measured
};

inline constexpr size_t kTogether = 32;

// `names` as SplitName reads them, with the formats that encoders have (fp32, bf16, int8, int4; without one it is
// fp32). `progress` is called with the share done, 0 to 1. Errors: those of loading; FAILED_PRECONDITION for a model
// without a head; INVALID_ARGUMENT for a label that a model does not know.
Result<std::vector<ClassifierRow>> CompareClassifiers(const std::vector<std::string>& names,
                                                      const std::vector<train::LabelledText>& texts,
                                                      const ClassifierOptions& options,
                                                      const std::function<void(double)>& progress);

}  // namespace troupe::evaluate
