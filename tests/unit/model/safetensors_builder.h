// Safetensors files in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/model/safetensors.h"

namespace troupe::model {

inline std::string SafetensorsBytes(std::string_view header, std::string_view data) {
  const uint64_t size = header.size();
  std::string file(reinterpret_cast<const char*>(&size), sizeof(size));
  file += header;
  file += data;
  return file;
}

inline Result<Safetensors> OpenSafetensors(std::string bytes) {
  return Safetensors::Open(MappedFile::FromBytes(std::move(bytes), "t.safetensors"));
}

}  // namespace troupe::model
