// Private to runtime/model: the metadata of one architecture in a GGUF, by the keys' names without the architecture's.
#pragma once

#include <string>
#include <string_view>

#include "runtime/model/gguf.h"

namespace troupe::model {

class GgufKeys {
 public:
  GgufKeys(const Gguf& gguf, std::string_view architecture) : gguf_(gguf), prefix_(std::string(architecture) + ".") {}

  std::string Name(std::string_view key) const { return prefix_ + std::string(key); }
  std::string where() const { return gguf_.path().string(); }
  const GgufValue* Find(std::string_view key) const { return gguf_.FindMetadata(Name(key)); }
  Result<int64_t> Int(std::string_view key) const { return gguf_.GetInt(Name(key)); }
  Result<int64_t> IntOr(std::string_view key, int64_t otherwise) const { return gguf_.GetIntOr(Name(key), otherwise); }
  Result<double> Float(std::string_view key) const { return gguf_.GetFloat(Name(key)); }
  Result<double> FloatOr(std::string_view key, double otherwise) const {
    return gguf_.GetFloatOr(Name(key), otherwise);
  }
  Result<std::string> StringOr(std::string_view key, std::string otherwise) const {
    return gguf_.GetStringOr(Name(key), std::move(otherwise));
  }

  // Every key of the architecture is known here. Errors: UNIMPLEMENTED: of others nobody knows what they would change.
  Status CheckAllKnown() const;

 private:
  const Gguf& gguf_;
  std::string prefix_;
};

}  // namespace troupe::model
