#include "agents/tools/written_log.h"

#include <utility>

#include "runtime/base/read_file.h"
#include "runtime/base/value.h"
#include "runtime/base/write_file.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxBytes = 1u << 30;

std::string LineOf(const WrittenText& text) {
  return Dump({{"text", text.text}, {"whole", text.is_whole}, {"confidence", text.confidence}}) + "\n";
}

std::optional<WrittenText> TextOf(const std::string& line) {
  const auto row = ParseValue(line);
  if (!row || !row->is_object()) return std::nullopt;
  const Value text = row->value("text", Value()), whole = row->value("whole", Value()),
              confidence = row->value("confidence", Value());
  if (!text.is_string() || !whole.is_boolean() || !confidence.is_number()) return std::nullopt;
  return WrittenText{text, whole, confidence};
}

// The texts of a file that begins with `head`, up to the first line that is not whole; none where there is no file.
Result<std::vector<WrittenText>> Read(const fs::path& file, const std::string& head) {
  std::vector<WrittenText> texts;
  const auto content = ReadFile(file, kMaxBytes);
  if (!content && content.error().code == Code::kNotFound) return texts;
  if (!content) return Error{content.error().code, file.string() + ": " + content.error().message};
  if (!content->starts_with(head)) {
    if (content->find('\n') == content->npos) return texts;  // cut off in its first line
    return FailedPrecondition(file.string() +
                              ": was written by a run with another recipe, model or data; --fresh begins from the "
                              "start, or give another folder");
  }
  size_t begin = head.size();
  for (size_t end; (end = content->find('\n', begin)) != content->npos; begin = end + 1) {
    auto text = TextOf(content->substr(begin, end - begin));
    if (!text) break;
    texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace

Result<WrittenLog> WrittenLog::Open(const fs::path& file, const std::string& run) {
  const std::string head = Dump({{"run", run}}) + "\n";
  WrittenLog log;
  log.file_ = file;
  TRY_ASSIGN(log.texts_, Read(file, head));
  std::string whole = head;
  for (const WrittenText& text : log.texts_) whole += LineOf(text);
  TRY(WriteFile(file, whole));
  log.out_.open(file, std::ios::binary | std::ios::app);
  if (!log.out_) return Internal(file.string() + ": cannot be opened to be written on");
  return log;
}

std::optional<WrittenText> WrittenLog::Next() {
  if (next_ == texts_.size()) return std::nullopt;
  return texts_[next_++];
}

Status WrittenLog::Add(const std::vector<WrittenText>& texts) {
  for (const WrittenText& text : texts) out_ << LineOf(text);
  if (!out_.flush()) return Exhausted(file_.string() + ": cannot be written on; make room, then start it again");
  return {};
}

}  // namespace troupe::tools
