#include "runtime/hub/package.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace troupe::hub {

std::vector<std::string> ModelsIn(const std::vector<StoredFile>& files) {
  std::set<std::string> with_config, with_weights;
  std::vector<std::string> models;
  for (const StoredFile& file : files) {
    const size_t slash = file.name.rfind('/');
    const std::string folder = slash == file.name.npos ? "" : file.name.substr(0, slash);
    const std::string name = slash == file.name.npos ? file.name : file.name.substr(slash + 1);
    if (name.ends_with(".gguf")) models.push_back(file.name);
    if (name == "config.json") with_config.insert(folder);
    if (name.ends_with(".safetensors")) with_weights.insert(folder);
  }
  std::set_intersection(with_config.begin(), with_config.end(), with_weights.begin(), with_weights.end(),
                        std::back_inserter(models));
  std::erase(models, "");
  std::sort(models.begin(), models.end());
  return models;
}

Result<std::string> ModelOf(const std::vector<StoredFile>& files, const Source& source) {
  const std::vector<std::string> models = ModelsIn(files);
  if (source.path.empty() && models.size() < 2) return models.empty() ? std::string() : models[0];
  if (std::find(models.begin(), models.end(), source.path) != models.end()) return source.path;
  std::string names;
  for (const std::string& model : models)
    names += (names.empty() ? "" : ", ") + ToString(EntrySource(source)) + "/" + model;
  if (source.path.empty()) {
    return Invalid("package " + source.name + " " + source.revision + " holds several models; name one: " + names);
  }
  return NotFound("package " + source.name + " " + source.revision + " holds no model " + source.path +
                  (names.empty() ? "; it holds none at all" : "; there are: " + names));
}

}  // namespace troupe::hub
