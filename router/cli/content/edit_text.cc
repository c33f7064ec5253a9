#include "router/cli/content/edit_text.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/base/write_file.h"

namespace troupe::cli {
namespace {

std::string Editor() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    if (const char* value = getenv(name); value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

// The editor may be a command with arguments, so a shell reads it; the file is an argument of its own.
Status RunEditor(const std::string& editor, const std::string& file) {
  const std::string command = editor + " \"$1\"";
  const pid_t child = fork();
  if (child < 0) return Internal(std::string("cannot start a process: ") + std::strerror(errno));
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), "sh", file.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return Internal(std::string("cannot wait for the editor: ") + std::strerror(errno));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return FailedPrecondition("the editor '" + editor + "' failed; nothing was changed (EDITOR says which one to take)");
}

}  // namespace

Result<std::string> EditText(const std::string& text) {
  namespace fs = std::filesystem;
  std::error_code fault;
  std::string folder = (fs::temp_directory_path(fault) / "troupe-edit-XXXXXX").string();
  if (fault || mkdtemp(folder.data()) == nullptr)
    return FailedPrecondition("cannot make a folder for the text to edit");
  const fs::path file = fs::path(folder) / "text.txt";
  Status status = WriteFile(file, text + "\n");
  if (status) status = RunEditor(Editor(), file.string());
  std::ifstream stream(file, std::ios::binary);
  std::string edited{std::istreambuf_iterator<char>(stream), {}};
  fs::remove_all(folder, fault);
  TRY(status);
  while (edited.ends_with('\n')) edited.pop_back();
  return edited;
}

}  // namespace troupe::cli
