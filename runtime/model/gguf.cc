#include "runtime/model/gguf.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace troupe::model {

static_assert(std::endian::native == std::endian::little, "weights are read in place");

namespace {

// The numbers that GGUF gives to metadata types.
enum MetadataType : uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64 };

// Bytes of one value; 0 for those of no fixed size, or of no known type.
uint64_t SizeOf(uint32_t type) {
  constexpr uint8_t kSizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return type < std::size(kSizes) ? kSizes[type] : 0;
}

// ggml's number for a tensor format.
std::optional<Format> FormatOf(uint32_t type) {
  switch (type) {
    case 0:
      return Format::kF32;
    case 1:
      return Format::kF16;
    case 2:
      return Format::kQ40;
    case 3:
      return Format::kQ41;
    case 6:
      return Format::kQ50;
    case 7:
      return Format::kQ51;
    case 8:
      return Format::kQ80;
    case 12:
      return Format::kQ4K;
    case 13:
      return Format::kQ5K;
    case 14:
      return Format::kQ6K;
    case 24:
      return Format::kI8;
    case 25:
      return Format::kI16;
    case 26:
      return Format::kI32;
    case 27:
      return Format::kI64;
    case 28:
      return Format::kF64;
    case 30:
      return Format::kBf16;
    default:
      return std::nullopt;
  }
}

}  // namespace

// Walks over the file once, front to back; every read goes through Take, which is the one place that checks bounds.
class GgufParser {
 public:
  explicit GgufParser(std::shared_ptr<const MappedFile> file) { gguf_.file_ = std::move(file); }

  Result<Gguf> Parse() {
    TRY_ASSIGN(const std::span<const std::byte> magic, Take(4, "the magic number"));
    if (std::memcmp(magic.data(), "GGUF", 4) != 0) return Bad("not a GGUF file: it does not begin with \"GGUF\"");
    TRY_ASSIGN(const uint32_t version, Read<uint32_t>("the version"));
    if (version != 2 && version != 3) {
      return Error{Code::kUnimplemented, Where() + "GGUF version " + std::to_string(version) +
                                             " is not supported, 2 and 3 are (a big-endian file looks so too)"};
    }
    TRY_ASSIGN(const uint64_t tensors, Read<uint64_t>("the number of tensors"));
    TRY_ASSIGN(const uint64_t pairs, Read<uint64_t>("the number of metadata pairs"));
    if (tensors > Gguf::kMaxTensors) return Bad("it claims " + std::to_string(tensors) + " tensors");
    if (pairs > Gguf::kMaxMetadata) return Bad("it claims " + std::to_string(pairs) + " metadata pairs");
    for (uint64_t i = 0; i < pairs; ++i) TRY(ParsePair());
    TRY(ParseAlignment());
    for (uint64_t i = 0; i < tensors; ++i) TRY(ParseTensorInfo());
    TRY(PlaceTensors());
    return std::move(gguf_);
  }

 private:
  struct Entry {
    TensorView view;
    uint64_t offset = 0;
    uint64_t size = 0;
  };

  std::span<const std::byte> All() const { return gguf_.file_->bytes(); }
  uint64_t Left() const { return All().size() - position_; }
  std::string Where() const { return gguf_.file_->path().string() + ": at byte " + std::to_string(position_) + ": "; }
  Error Bad(const std::string& what) const { return Invalid(Where() + what); }

  Result<std::span<const std::byte>> Take(uint64_t size, const std::string& what) {
    if (size > Left()) {
      return Bad(what + " needs " + std::to_string(size) + " bytes, the file has " + std::to_string(Left()) + " left");
    }
    const auto bytes = All().subspan(position_, size);
    position_ += size;
    return bytes;
  }

  template <typename T>
  Result<T> Read(const std::string& what) {
    TRY_ASSIGN(const std::span<const std::byte> bytes, Take(sizeof(T), what));
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  Result<std::string> ReadString(const std::string& what) {
    TRY_ASSIGN(const uint64_t size, Read<uint64_t>("the length of " + what));
    TRY_ASSIGN(const std::span<const std::byte> bytes, Take(size, what));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  Result<std::string> ReadName(const std::string& what) {
    TRY_ASSIGN(std::string name, ReadString(what));
    if (name.empty() || name.size() > Gguf::kMaxNameBytes) {
      return Bad(what + " has " + std::to_string(name.size()) + " bytes, 1 to 65535 are allowed");
    }
    return name;
  }

  Status ParsePair() {
    TRY_ASSIGN(std::string key, ReadName("a metadata key"));
    const std::string what = "metadata \"" + key.substr(0, 128) + "\"";
    TRY_ASSIGN(const uint32_t type, Read<uint32_t>("the type of " + what));
    TRY_ASSIGN(GgufValue value, ParseValueOf(type, what));
    if (!gguf_.metadata_.emplace(std::move(key), std::move(value)).second) return Bad(what + " is there twice");
    return {};
  }

  Result<GgufValue> ParseValueOf(uint32_t type, const std::string& what) {
    if (type == kArray) return ParseArray(what);
    if (type == kString) {
      TRY_ASSIGN(std::string text, ReadString(what));
      return GgufValue(std::move(text));
    }
    if (SizeOf(type) == 0) return Bad(what + " has the unknown type " + std::to_string(type));
    return ParseScalar(type, what);
  }

  Result<GgufValue> ParseScalar(uint32_t type, const std::string& what) {
    switch (type) {
      case kF32:
        return Widen<float, double>(what);
      case kF64:
        return Widen<double, double>(what);
      case kU64:
        return Widen<uint64_t, uint64_t>(what);
      case kBool: {
        TRY_ASSIGN(const uint8_t value, Read<uint8_t>(what));
        if (value > 1) return Bad(what + " is a bool of value " + std::to_string(value));
        return GgufValue(value == 1);
      }
      case kU8:
        return Widen<uint8_t, int64_t>(what);
      case kI8:
        return Widen<int8_t, int64_t>(what);
      case kU16:
        return Widen<uint16_t, int64_t>(what);
      case kI16:
        return Widen<int16_t, int64_t>(what);
      case kU32:
        return Widen<uint32_t, int64_t>(what);
      case kI32:
        return Widen<int32_t, int64_t>(what);
      default:
        return Widen<int64_t, int64_t>(what);
    }
  }

  template <typename From, typename To>
  Result<GgufValue> Widen(const std::string& what) {
    TRY_ASSIGN(const From value, Read<From>(what));
    return GgufValue(static_cast<To>(value));
  }

  // Type and count of an array; the count is checked against what is left before anything is reserved.
  Result<std::pair<uint32_t, uint64_t>> ParseArrayHead(const std::string& what) {
    TRY_ASSIGN(const uint32_t type, Read<uint32_t>("the element type of " + what));
    TRY_ASSIGN(const uint64_t count, Read<uint64_t>("the length of " + what));
    const uint64_t least = type == kString ? 8 : type == kArray ? 12 : SizeOf(type);
    if (least == 0) return Bad(what + " has elements of the unknown type " + std::to_string(type));
    if (count > Left() / least) {
      return Bad(what + " claims " + std::to_string(count) + " elements, more than the file has room for");
    }
    return std::pair(type, count);
  }

  Result<GgufValue> ParseArray(const std::string& what) {
    TRY_ASSIGN(const auto head, ParseArrayHead(what));
    const auto [type, count] = head;
    if (type == kArray) {
      TRY(SkipNested(count, 2, what));
      return GgufValue(GgufNested{});
    }
    if (type == kString) {
      std::vector<std::string> texts;
      texts.reserve(count);
      for (uint64_t i = 0; i < count; ++i) {
        TRY_ASSIGN(std::string text, ReadString(what));
        texts.push_back(std::move(text));
      }
      return GgufValue(std::move(texts));
    }
    const bool floats = type == kF32 || type == kF64;
    std::vector<int64_t> integers;
    std::vector<double> numbers;
    floats ? numbers.reserve(count) : integers.reserve(count);
    for (uint64_t i = 0; i < count; ++i) {
      TRY_ASSIGN(const GgufValue value, ParseScalar(type, what));
      if (floats) {
        numbers.push_back(std::get<double>(value));
      } else if (const auto* number = std::get_if<uint64_t>(&value)) {
        if (*number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
          return Bad(what + " has an element above 2^63");
        }
        integers.push_back(static_cast<int64_t>(*number));
      } else {
        integers.push_back(std::holds_alternative<bool>(value) ? std::get<bool>(value) : std::get<int64_t>(value));
      }
    }
    if (floats) return GgufValue(std::move(numbers));
    return GgufValue(std::move(integers));
  }

  // Arrays of arrays, `depth` levels down: bounded, so the recursion is.
  Status SkipNested(uint64_t count, int depth, const std::string& what) {
    if (depth > Gguf::kMaxArrayDepth) {
      return Bad(what + " nests arrays deeper than " + std::to_string(Gguf::kMaxArrayDepth));
    }
    for (uint64_t i = 0; i < count; ++i) {
      TRY_ASSIGN(const auto head, ParseArrayHead(what));
      const auto [type, inner] = head;
      if (type == kArray) {
        TRY(SkipNested(inner, depth + 1, what));
      } else if (type == kString) {
        for (uint64_t j = 0; j < inner; ++j) TRY(ReadString(what));
      } else {
        TRY(Take(inner * SizeOf(type), what));
      }
    }
    return {};
  }

  Status ParseAlignment() {
    TRY_ASSIGN(const int64_t alignment, gguf_.GetIntOr("general.alignment", 32));
    if (alignment < 8 || alignment > (1 << 20) || !std::has_single_bit(static_cast<uint64_t>(alignment))) {
      return Bad("general.alignment is " + std::to_string(alignment) + ", not a power of two from 8 to 1048576");
    }
    alignment_ = static_cast<uint64_t>(alignment);
    return {};
  }

  Status ParseTensorInfo() {
    Entry entry;
    TRY_ASSIGN(entry.view.name, ReadName("a tensor's name"));
    const std::string what = "tensor \"" + entry.view.name.substr(0, 128) + "\"";
    TRY_ASSIGN(const uint32_t dimensions, Read<uint32_t>("the number of dimensions of " + what));
    if (dimensions < 1 || dimensions > 4) return Bad(what + " has " + std::to_string(dimensions) + " dimensions");
    for (uint32_t i = 0; i < dimensions; ++i) {
      TRY_ASSIGN(const uint64_t size, Read<uint64_t>("the dimensions of " + what));
      if (size < 1 || size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return Bad(what + " has a dimension of " + std::to_string(size));
      }
      entry.view.shape.insert(entry.view.shape.begin(), static_cast<int64_t>(size));  // ggml counts the innermost first
    }
    TRY_ASSIGN(const uint32_t type, Read<uint32_t>("the type of " + what));
    const std::optional<Format> format = FormatOf(type);
    if (!format) {
      return Error{Code::kUnimplemented,
                   Where() + what + " is of ggml type " + std::to_string(type) +
                       "; known here: F32 F16 BF16 F64 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q4_K Q5_K Q6_K and integers"};
    }
    entry.view.format = *format;
    auto size = BytesOf(*format, entry.view.shape);
    if (!size) return Bad(what + ": " + size.error().message);
    entry.size = static_cast<uint64_t>(*size);
    TRY_ASSIGN(entry.offset, Read<uint64_t>("the offset of " + what));
    if (entry.offset % alignment_ != 0) {
      return Bad(what + " begins at " + std::to_string(entry.offset) + ", not a multiple of the alignment " +
                 std::to_string(alignment_));
    }
    entries_.push_back(std::move(entry));
    return {};
  }

  Status PlaceTensors() {
    if (entries_.empty()) return {};
    const uint64_t padding = (alignment_ - position_ % alignment_) % alignment_;
    TRY(Take(padding, "the padding before the tensors"));
    const std::span<const std::byte> data = All().subspan(position_);
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.offset < b.offset; });
    uint64_t end = 0;
    for (Entry& entry : entries_) {
      const std::string what = "tensor \"" + entry.view.name.substr(0, 128) + "\"";
      if (entry.offset < end) return Bad(what + " overlaps the one before it");
      if (entry.offset > data.size() || entry.size > data.size() - entry.offset) {
        return Bad(what + " (" + std::to_string(entry.size) + " bytes at " + std::to_string(entry.offset) +
                   ") ends beyond the " + std::to_string(data.size()) + " bytes of tensor data: the file is cut short");
      }
      end = entry.offset + entry.size;
      entry.view.bytes = data.subspan(entry.offset, entry.size);
      std::string name = entry.view.name;
      if (!gguf_.tensors_.emplace(std::move(name), std::move(entry.view)).second) return Bad(what + " is there twice");
    }
    return {};
  }

  Gguf gguf_;
  uint64_t position_ = 0;
  uint64_t alignment_ = 32;
  std::vector<Entry> entries_;
};

Result<Gguf> Gguf::Open(std::shared_ptr<const MappedFile> file) { return GgufParser(std::move(file)).Parse(); }

const GgufValue* Gguf::FindMetadata(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

const TensorView* Gguf::Find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace troupe::model
