// Zip files by hand, right and wrong ones: parts as they are (stored) or deflated, with any name, mode and claim.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::hub {

struct ZipPart {
  std::string name;
  std::string content;
  // Unix mode; a regular file.
  uint32_t mode = 0100644;
  bool deflate = false;
  // What the directory claims in place of the truth.
  std::optional<uint32_t> claimed_bytes;
  std::optional<uint32_t> claimed_crc;
  uint16_t flags = 0;
  std::optional<uint16_t> method;
};

class ZipMaker {
 public:
  static std::string Make(const std::vector<ZipPart>& parts) {
    ZipMaker maker;
    for (const ZipPart& part : parts) maker.Add(part);
    std::string end = Number(0x06054b50, 4) + Number(0, 4) + Number(parts.size(), 2) + Number(parts.size(), 2) +
                      Number(maker.directory_.size(), 4) + Number(maker.bytes_.size(), 4) + Number(0, 2);
    return maker.bytes_ + maker.directory_ + end;
  }

 private:
  static std::string Number(uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
    return text;
  }

  static std::string Deflated(const std::string& content) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

  void Add(const ZipPart& part) {
    const std::string packed = part.deflate ? Deflated(part.content) : part.content;
    const uint32_t crc = part.claimed_crc.value_or(static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(part.content.data()), static_cast<uInt>(part.content.size()))));
    const std::string common = Number(part.flags, 2) + Number(part.method.value_or(part.deflate ? 8 : 0), 2) +
                               Number(0, 4) + Number(crc, 4) + Number(packed.size(), 4) +
                               Number(part.claimed_bytes.value_or(static_cast<uint32_t>(part.content.size())), 4) +
                               Number(part.name.size(), 2) + Number(0, 2);
    const size_t offset = bytes_.size();
    bytes_ += Number(0x04034b50, 4) + Number(20, 2) + common + part.name + packed;
    directory_ += Number(0x02014b50, 4) + Number(0x0314, 2) + Number(20, 2) + common + Number(0, 2) + Number(0, 2) +
                  Number(0, 2) + Number(uint64_t{part.mode} << 16, 4) + Number(offset, 4) + part.name;
  }

  std::string bytes_;
  std::string directory_;
};

}  // namespace troupe::hub
