#include "runtime/train/answer_texts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace troupe::train {
namespace {

constexpr size_t kBuffered = 1u << 18;  // tokens

Error DiskError(const std::filesystem::path& folder, int code) {
  const std::string message = folder.string() + ": cannot keep texts there: " + std::strerror(code);
  const bool is_full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  return is_full ? Exhausted(message + "; make room, then try again") : Internal(message);
}

void Append(const PromptAnswer& text, std::vector<int32_t>& to) {
  for (const auto* part : {&text.prompt, &text.answer, &text.shown}) to.insert(to.end(), part->begin(), part->end());
}

// A file in `folder` that is gone with its descriptor; -1 where there is none.
int UnnamedFile(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string name = (folder / "texts.XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

AnswerTexts::Place AnswerTexts::PlaceOf(uint64_t begin, const PromptAnswer& text) {
  return {begin, static_cast<uint32_t>(text.prompt.size()), static_cast<uint32_t>(text.answer.size()),
          static_cast<uint32_t>(text.shown.size())};
}

AnswerTexts::AnswerTexts(const std::vector<PromptAnswer>& texts) {
  auto tokens = std::make_shared<std::vector<int32_t>>();
  for (const PromptAnswer& text : texts) {
    places_.push_back(PlaceOf(tokens->size(), text));
    Append(text, *tokens);
  }
  tokens_ = std::shared_ptr<const int32_t>(tokens, tokens->data());
}

PromptAnswer AnswerTexts::At(size_t text) const {
  const Place& place = places_[text];
  const int32_t* const prompt = tokens_.get() + place.begin;
  const int32_t *const answer = prompt + place.prompt, *const shown = answer + place.answer;
  return {.prompt = {prompt, answer}, .answer = {answer, shown}, .shown = {shown, shown + place.shown}};
}

std::vector<PromptAnswer> AnswerTexts::At(std::span<const size_t> texts) const {
  std::vector<PromptAnswer> these;
  for (const size_t text : texts) these.push_back(At(text));
  return these;
}

AnswerTexts AnswerTexts::Of(std::span<const size_t> texts) const {
  AnswerTexts these;
  these.tokens_ = tokens_;
  for (const size_t text : texts) these.places_.push_back(places_[text]);
  return these;
}

std::vector<size_t> AnswerTexts::Lengths() const {
  std::vector<size_t> lengths;
  for (const Place& place : places_) lengths.push_back(size_t{place.prompt} + place.answer);
  return lengths;
}

Result<AnswerTextsFile> AnswerTextsFile::In(const std::filesystem::path& folder) {
  const int file = UnnamedFile(folder);
  if (file < 0) return DiskError(folder, errno);
  return AnswerTextsFile(folder, file);
}

AnswerTextsFile::AnswerTextsFile(AnswerTextsFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      file_(std::exchange(other.file_, -1)),
      written_(other.written_),
      buffer_(std::move(other.buffer_)),
      texts_(std::move(other.texts_)) {}

AnswerTextsFile::~AnswerTextsFile() {
  if (file_ >= 0) ::close(file_);
}

Status AnswerTextsFile::Add(const PromptAnswer& text) {
  texts_.places_.push_back(AnswerTexts::PlaceOf(written_ + buffer_.size(), text));
  Append(text, buffer_);
  return buffer_.size() < kBuffered ? Status() : Flush();
}

Status AnswerTextsFile::Flush() {
  const auto* bytes = reinterpret_cast<const char*>(buffer_.data());
  for (size_t left = buffer_.size() * sizeof(int32_t); left > 0;) {
    const ssize_t count = ::write(file_, bytes, left);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return DiskError(folder_, errno);
    bytes += count;
    left -= static_cast<size_t>(count);
  }
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<AnswerTexts> AnswerTextsFile::Finish() {
  TRY(Flush());
  if (written_ == 0) return std::move(texts_);
  const size_t size = written_ * sizeof(int32_t);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file_, 0);
  if (mapped == MAP_FAILED) return DiskError(folder_, errno);
  texts_.tokens_ = std::shared_ptr<const int32_t>(static_cast<const int32_t*>(mapped),
                                                  [mapped, size](const int32_t*) { ::munmap(mapped, size); });
  return std::move(texts_);
}

}  // namespace troupe::train
