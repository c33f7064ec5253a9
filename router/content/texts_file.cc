#include "router/content/texts_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "router/content/parse.h"
#include "router/content/text_ids.h"
#include "runtime/base/value.h"
#include "runtime/base/write_file.h"

namespace troupe::content {
namespace {

constexpr const char* kHead =
    "# Texts made ahead. 'troupe content make' adds to this file, 'troupe content review' decides; comments do not "
    "stay.\n";

// A JSON string is a YAML string, whatever is in it.
std::string Quoted(const std::string& text) { return Dump(Value(text)); }

std::string ForOf(const ContentSet& set, const Cell& cell) {
  std::string text;
  for (size_t i = 0; i < cell.size(); ++i) {
    text += (text.empty() ? "" : ", ") + set.axes[i].name + ": " + (cell[i] == "null" ? Quoted(cell[i]) : cell[i]);
  }
  return "{" + text + "}";
}

std::string Item(const ContentSet& set, const Text& text) {
  std::string yaml = "    - id: " + Quoted(text.id) + "\n";
  const auto field = [&](const char* key, const std::string& value) {
    yaml += std::string("      ") + key + ": " + value + "\n";
  };
  if (!text.cell.empty()) field("for", ForOf(set, text.cell));
  field("text", Quoted(text.text));
  if (text.weight != 1) field("weight", std::to_string(text.weight));
  field("state", TextStateNames()[static_cast<size_t>(text.state)]);
  if (!text.writer.empty()) field("writer", Quoted(text.writer));
  if (!text.reviewer.empty()) field("reviewer", Quoted(text.reviewer));
  if (!text.reviewed.empty()) field("reviewed", Quoted(text.reviewed));
  if (!text.note.empty()) field("note", Quoted(text.note));
  return yaml;
}

// Held while one change is made; the set's own file, so that nothing is left lying about.
class SetLock {
 public:
  static Result<SetLock> Wait(const std::string& path) {
    SetLock lock;
    lock.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock.file_ < 0) return NotFound("cannot read the content file " + path + ": " + std::strerror(errno));
    while (::flock(lock.file_, LOCK_EX) != 0) {
      if (errno != EINTR) return Internal("cannot lock " + path + ": " + std::strerror(errno));
    }
    return lock;
  }
  SetLock(SetLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  ~SetLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  SetLock() = default;
  int file_ = -1;
};

}  // namespace

std::string TextsYaml(ContentSet set) {
  SortTexts(set);
  std::string yaml = kHead;
  yaml += "apiVersion: troupe.dev/v1\nkind: ContentTexts\nmetadata: {name: " + set.name + "}\nspec:\n";
  yaml += set.texts.empty() ? "  texts: []\n" : "  texts:\n";
  for (const Text& text : set.texts) yaml += Item(set, text);
  return yaml;
}

Result<ContentSet> ChangeTexts(const std::string& path, const std::function<Status(ContentSet&)>& change) {
  TRY_ASSIGN(const SetLock lock, SetLock::Wait(path));
  TRY_ASSIGN(const auto before, LoadGoodSet(path));
  if (before->texts_file.empty()) {
    return FailedPrecondition(path + " names no file of texts; add 'texts: " + before->name + ".texts.yaml' to 'spec'");
  }
  ContentSet set = *before;
  TRY(change(set));
  std::string yaml = TextsYaml(set);
  if (yaml != TextsYaml(*before)) {
    TRY(WriteFile(std::filesystem::path(path).parent_path() / before->texts_file, yaml));
  }
  SortTexts(set);
  return set;
}

}  // namespace troupe::content
