#include "runtime/model/safetensors_writer.h"

#include "runtime/base/check.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/base/write_file.h"

namespace troupe::model {
namespace {

// The header's length and the header itself, as they stand before the tensors.
std::string Head(const std::vector<TensorOut>& tensors, const std::map<std::string, std::string>& metadata) {
  Value header = Value::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t end = 0;
  for (const TensorOut& tensor : tensors) {
    const auto bytes = BytesOf(tensor.format, tensor.shape);
    CHECK(bytes && static_cast<size_t>(*bytes) == tensor.bytes.size());
    CHECK(!header.contains(tensor.name));
    header[tensor.name] = {{"dtype", FormatName(tensor.format)},
                           {"shape", tensor.shape},
                           {"data_offsets", {end, end + tensor.bytes.size()}}};
    end += tensor.bytes.size();
  }
  std::string text = Dump(header);
  text.append((8 - text.size() % 8) % 8, ' ');  // the tensors begin at a multiple of 8, as the format asks
  const uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + text;
}

std::string_view ContentOf(const TensorOut& tensor) {
  return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

}  // namespace

Status WriteSafetensors(const std::filesystem::path& path, const std::vector<TensorOut>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  const std::string head = Head(tensors, metadata);
  std::vector<std::string_view> pieces{head};
  for (const TensorOut& tensor : tensors) pieces.push_back(ContentOf(tensor));
  return WriteFile(path, pieces);
}

std::string SafetensorsDigest(const std::vector<TensorOut>& tensors,
                              const std::map<std::string, std::string>& metadata) {
  Digester digester;
  digester.Add(Head(tensors, metadata));
  for (const TensorOut& tensor : tensors) digester.Add(ContentOf(tensor));
  return digester.Hex();
}

}  // namespace troupe::model
