#include "runtime/model/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "runtime/base/value.h"

namespace troupe::model {
namespace {

std::optional<Format> FormatOf(std::string_view dtype) {
  constexpr std::array<std::pair<std::string_view, Format>, 10> kTypes{{{"F32", Format::kF32},
                                                                        {"F16", Format::kF16},
                                                                        {"BF16", Format::kBf16},
                                                                        {"F64", Format::kF64},
                                                                        {"I64", Format::kI64},
                                                                        {"I32", Format::kI32},
                                                                        {"I16", Format::kI16},
                                                                        {"I8", Format::kI8},
                                                                        {"U8", Format::kU8},
                                                                        {"BOOL", Format::kBool}}};
  for (const auto& [name, format] : kTypes) {
    if (dtype == name) return format;
  }
  return std::nullopt;
}

struct Entry {
  TensorView view;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
Result<Entry> ParseEntry(const std::string& name, const Value& value, const std::string& where) {
  const std::string what = where + ": tensor \"" + name.substr(0, 128) + "\": ";
  if (!value.is_object()) return Invalid(what + "its header is no object");
  const auto dtype = value.find("dtype");
  const auto shape = value.find("shape");
  const auto offsets = value.find("data_offsets");
  if (dtype == value.end() || !dtype->is_string()) return Invalid(what + "\"dtype\" is missing or no string");
  if (shape == value.end() || !shape->is_array()) return Invalid(what + "\"shape\" is missing or no list");
  if (offsets == value.end() || !offsets->is_array() || offsets->size() != 2 ||
      !std::all_of(offsets->begin(), offsets->end(), [](const Value& v) { return v.is_number_unsigned(); })) {
    return Invalid(what + "\"data_offsets\" is missing or not two numbers");
  }
  Entry entry;
  entry.view.name = name;
  const std::optional<Format> format = FormatOf(dtype->get_ref<const std::string&>());
  if (!format) {
    return Error{Code::kUnimplemented, what + "dtype \"" + dtype->get<std::string>() + "\" is not supported"};
  }
  entry.view.format = *format;
  if (shape->size() > 8) return Invalid(what + "it has " + std::to_string(shape->size()) + " dimensions");
  for (const Value& size : *shape) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > uint64_t{1} << 62) {
      return Invalid(what + "\"shape\" holds something other than sizes");
    }
    entry.view.shape.push_back(size.get<int64_t>());
  }
  entry.begin = (*offsets)[0].get<uint64_t>();
  entry.end = (*offsets)[1].get<uint64_t>();
  if (entry.begin > entry.end) return Invalid(what + "it ends before it begins");
  auto bytes = BytesOf(entry.view.format, entry.view.shape);
  if (!bytes) return Invalid(what + bytes.error().message);
  if (static_cast<uint64_t>(*bytes) != entry.end - entry.begin) {
    return Invalid(what + "its shape takes " + std::to_string(*bytes) + " bytes, its offsets give it " +
                   std::to_string(entry.end - entry.begin));
  }
  return entry;
}

}  // namespace

Result<Safetensors> Safetensors::Open(std::shared_ptr<const MappedFile> file) {
  const std::span<const std::byte> bytes = file->bytes();
  const std::string where = file->path().string();
  uint64_t header_size = 0;
  if (bytes.size() < sizeof(header_size)) return Invalid(where + ": too short for a safetensors file");
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  if (header_size > kMaxHeaderBytes || header_size > bytes.size() - sizeof(header_size)) {
    return Invalid(where + ": its header claims " + std::to_string(header_size) + " bytes, the file has " +
                   std::to_string(bytes.size()) + ": not a safetensors file, or cut short");
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + sizeof(header_size);
  auto header = ParseValue({text, header_size}, {.max_bytes = kMaxHeaderBytes, .max_depth = 8});
  if (!header) return Invalid(where + ": its header is no JSON: " + header.error().message);
  if (!header->is_object()) return Invalid(where + ": its header is no JSON object");

  std::vector<Entry> entries;
  for (const auto& [name, value] : header->items()) {
    if (name == "__metadata__") continue;
    TRY_ASSIGN(Entry entry, ParseEntry(name, value, where));
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });

  const std::span<const std::byte> data = bytes.subspan(sizeof(header_size) + header_size);
  Safetensors result;
  uint64_t end = 0;
  for (Entry& entry : entries) {
    const std::string what = where + ": tensor \"" + entry.view.name.substr(0, 128) + "\" ";
    if (entry.begin < end) return Invalid(what + "overlaps the one before it");
    if (entry.begin > end) return Invalid(what + "leaves a hole before it");
    if (entry.end > data.size()) {
      return Invalid(what + "ends at " + std::to_string(entry.end) + " of " + std::to_string(data.size()) +
                     " bytes: the file is cut short");
    }
    end = entry.end;
    entry.view.bytes = data.subspan(entry.begin, entry.end - entry.begin);
    std::string name = entry.view.name;
    result.tensors_.emplace(std::move(name), std::move(entry.view));
  }
  if (end != data.size()) {
    return Invalid(where + ": " + std::to_string(data.size() - end) + " bytes behind the last tensor belong to none");
  }
  result.file_ = std::move(file);
  return result;
}

const TensorView* Safetensors::Find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace troupe::model
