#include "runtime/model/safetensors_writer.h"

#include "runtime/base/check.h"
#include "runtime/base/value.h"
#include "runtime/base/write_file.h"

namespace troupe::model {

Status WriteSafetensors(const std::filesystem::path& path, const std::vector<TensorOut>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  Value header = Value::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t end = 0;
  std::vector<std::string_view> pieces(2);
  for (const TensorOut& tensor : tensors) {
    const auto bytes = BytesOf(tensor.format, tensor.shape);
    CHECK(bytes && static_cast<size_t>(*bytes) == tensor.bytes.size());
    CHECK(!header.contains(tensor.name));
    header[tensor.name] = {{"dtype", FormatName(tensor.format)},
                           {"shape", tensor.shape},
                           {"data_offsets", {end, end + tensor.bytes.size()}}};
    end += tensor.bytes.size();
    pieces.emplace_back(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  std::string text = Dump(header);
  text.append((8 - text.size() % 8) % 8, ' ');  // the tensors begin at a multiple of 8, as the format asks
  const uint64_t size = text.size();
  pieces[0] = {reinterpret_cast<const char*>(&size), sizeof(size)};
  pieces[1] = text;
  return WriteFile(path, pieces);
}

}  // namespace troupe::model
