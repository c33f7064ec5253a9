// A model under evaluation: loaded in one number format, with what is known of it before it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/decoder.h"
#include "runtime/model/model_files.h"

namespace troupe::evaluate {

struct Subject {
  std::string name;    // as the person gave it: "smollm2-int4", "smollm2.gguf:bf16"
  std::string scheme;  // how its weights are kept: "int4 in groups of 64 by gptq", "bf16"
  model::ModelFiles files;
  std::unique_ptr<model::Decoder> decoder;
  int64_t pages = 0;         // reserved
  int64_t file_bytes = 0;    // of the weights on disk
  int64_t weight_bytes = 0;  // of the weights in memory
};

struct SubjectOptions {
  int threads = 1;
  int64_t pages = 0;  // to reserve
};

// "MODEL" or "MODEL:FORMAT". Formats: fp32, bf16, int8 and int4 (rounded to the nearest at load), stored (as the file
// has them; the default for what is quantised), all on kernels of our own; aten (libtorch in float32). The default for
// what is not quantised is fp32. Errors: LoadFolderOrGguf's, the decoders'; UNIMPLEMENTED for what does not generate
// text.
Result<Subject> LoadSubject(const std::string& name, const SubjectOptions& options);

// The path of such a name, and its format ("" where it says none).
std::pair<std::string, std::string> SplitName(const std::string& name);

// Of its weights on disk.
int64_t FileBytes(const model::ModelFiles& files);

// Ids 0 to count - 1: the pages of a sequence that has the decoder for itself.
std::vector<model::PageId> FirstPages(int64_t count);

}  // namespace troupe::evaluate
