#include "runtime/evaluate/subject.h"

#include <filesystem>
#include <numeric>

#include "runtime/model/aten_decoder.h"
#include "runtime/model/cpu_decoder.h"

namespace troupe::evaluate {
namespace {

constexpr std::string_view kAten = "aten";

Status LoadDecoder(const std::string& format, const SubjectOptions& options, Subject& subject) {
  if (format == kAten) {
    TRY_ASSIGN(auto decoder, model::AtenDecoder::Load(subject.files.config, *subject.files.weights, {}));
    subject.weight_bytes = decoder->parameters() * 4;
    const std::string& stored = subject.files.config.quantization;
    subject.scheme = (stored.empty() ? std::string() : stored + ", as ") + "fp32 in libtorch";
    subject.decoder = std::move(decoder);
    return {};
  }
  const auto weights = *model::WeightFormatFromName(format);
  TRY_ASSIGN(auto decoder, model::CpuDecoder::Load(subject.files.config, *subject.files.weights,
                                                   {.weights = weights, .threads = options.threads}));
  subject.weight_bytes = decoder->weight_bytes();
  const std::string& stored = subject.files.config.quantization;
  if (weights == model::WeightFormat::kStored) {
    subject.scheme = stored.empty() ? decoder->compute() + " as in the file" : stored;
  } else {
    subject.scheme = decoder->compute();
    if (format.starts_with("int")) subject.scheme += " rounded at load";
  }
  subject.decoder = std::move(decoder);
  return {};
}

}  // namespace

std::pair<std::string, std::string> SplitName(const std::string& name) {
  const size_t colon = name.rfind(':');
  if (colon == name.npos) return {name, ""};
  const std::string format = name.substr(colon + 1);
  if (format != kAten && !model::WeightFormatFromName(format)) return {name, ""};
  return {name.substr(0, colon), format};
}

Result<Subject> LoadSubject(const std::string& name, const SubjectOptions& options) {
  auto [path, format] = SplitName(name);
  Subject subject{.name = name};
  TRY_ASSIGN(subject.files, model::LoadFolderOrGguf(path));
  if (format.empty()) format = subject.files.config.quantization.empty() ? "fp32" : "stored";
  TRY(LoadDecoder(format, options, subject));
  TRY(subject.decoder->ReservePages(options.pages));
  subject.pages = options.pages;
  subject.file_bytes = FileBytes(subject.files);
  return subject;
}

int64_t FileBytes(const model::ModelFiles& files) {
  int64_t bytes = 0;
  for (const auto& file : files.weight_files) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);
    if (!failure) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

std::vector<model::PageId> FirstPages(int64_t count) {
  std::vector<model::PageId> pages(static_cast<size_t>(count));
  std::iota(pages.begin(), pages.end(), 0);
  return pages;
}

}  // namespace troupe::evaluate
