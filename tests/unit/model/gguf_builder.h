// Writes small GGUF files into memory, right ones and wrong ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/model/gguf.h"

namespace troupe::model {

class GgufBuilder {
 public:
  // Numbers of GGUF's metadata types.
  enum : uint32_t { kU8 = 0, kU32 = 4, kI32 = 5, kF32 = 6, kBool = 7, kString = 8, kArray = 9, kU64 = 10 };

  GgufBuilder& Text(std::string_view key, std::string_view value) {
    Key(key, kString);
    String(metadata_, value);
    return *this;
  }
  template <typename T>
  GgufBuilder& Number(std::string_view key, uint32_t type, T value) {
    Key(key, type);
    Append(metadata_, value);
    return *this;
  }
  GgufBuilder& Texts(std::string_view key, const std::vector<std::string>& values) {
    Key(key, kArray);
    Append(metadata_, uint32_t{kString});
    Append(metadata_, uint64_t{values.size()});
    for (const std::string& value : values) String(metadata_, value);
    return *this;
  }
  // Whatever bytes follow the key and the type.
  GgufBuilder& Raw(std::string_view key, uint32_t type, std::string_view bytes) {
    Key(key, type);
    metadata_ += bytes;
    return *this;
  }
  // Dimensions as the file has them: innermost first. The tensor's bytes are put at the next aligned offset.
  GgufBuilder& Tensor(std::string_view name, std::vector<uint64_t> dimensions, uint32_t type, std::string_view bytes) {
    data_.resize((data_.size() + 31) / 32 * 32);
    TensorAt(name, std::move(dimensions), type, data_.size());
    data_ += bytes;
    return *this;
  }
  GgufBuilder& TensorAt(std::string_view name, std::vector<uint64_t> dimensions, uint32_t type, uint64_t offset) {
    String(infos_, name);
    Append(infos_, static_cast<uint32_t>(dimensions.size()));
    for (uint64_t size : dimensions) Append(infos_, size);
    Append(infos_, type);
    Append(infos_, offset);
    ++tensors_;
    return *this;
  }
  GgufBuilder& Data(size_t bytes) {
    data_.resize(bytes);
    return *this;
  }

  std::string Build() const {
    std::string file = "GGUF";
    Append(file, uint32_t{3});
    Append(file, tensors_);
    Append(file, pairs_);
    file += metadata_ + infos_;
    file.resize((file.size() + 31) / 32 * 32);
    return file + data_;
  }

  template <typename T>
  static void Append(std::string& to, T value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  static void String(std::string& to, std::string_view text) {
    Append(to, uint64_t{text.size()});
    to += text;
  }

 private:
  void Key(std::string_view key, uint32_t type) {
    String(metadata_, key);
    Append(metadata_, type);
    ++pairs_;
  }

  std::string metadata_, infos_, data_;
  uint64_t pairs_ = 0;
  uint64_t tensors_ = 0;
};

inline Result<Gguf> OpenGguf(std::string bytes) {
  return Gguf::Open(MappedFile::FromBytes(std::move(bytes), "t.gguf"));
}

}  // namespace troupe::model
