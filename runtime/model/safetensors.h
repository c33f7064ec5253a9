// Reader for Hugging Face's safetensors (github.com/huggingface/safetensors, "Format"): 8 bytes of header length, a
// JSON header, then the tensors end to end. The file is untrusted: nothing is used before it is checked.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/model/mapped_file.h"
#include "runtime/model/tensor_view.h"

namespace troupe::model {

class Safetensors {
 public:
  // The limit of the reference implementation.
  static constexpr uint64_t kMaxHeaderBytes = 100'000'000;

  // Errors: INVALID_ARGUMENT with the file, the tensor and what is wrong: truncated, a header that is no JSON object,
  // unknown dtype, shape and offsets that contradict each other, overlap, holes, bytes left over.
  static Result<Safetensors> Open(std::shared_ptr<const MappedFile> file);

  // nullptr where there is none.
  const TensorView* Find(std::string_view name) const;
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  const std::filesystem::path& path() const { return file_->path(); }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, TensorView, std::less<>> tensors_;
};

}  // namespace troupe::model
