// Where published content is kept, as files under names: a folder, or a bucket (s3/store.h). One writer at a time
// (Lock), any number of readers, who never see half a file. Tests put a store in between that fails at each write.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::content {

class Store {
 public:
  virtual ~Store() = default;
  // Whole or not there, and still there after a power cut. Errors: as WriteFile's (runtime/base/write_file.h).
  virtual Status Write(const std::string& name, std::string_view bytes) = 0;
  // What is not there is removed already.
  virtual Status Remove(const std::string& name) = 0;
  // Nothing where there is no such file. Errors: INTERNAL for one that cannot be read.
  virtual Result<std::optional<std::string>> Read(const std::string& name) const = 0;
  // True where the file is there with these bytes. Stores that know without reading it say so themselves.
  virtual Result<bool> Holds(const std::string& name, std::string_view bytes) const;
  // The names of files below a folder, sorted; none where there is no such folder.
  virtual Result<std::vector<std::string>> List(const std::string& folder) const = 0;
  // The names of the folders at the top, sorted: the sets.
  virtual Result<std::vector<std::string>> Folders() const = 0;

  // Held by the one who writes a set; ends with the process at the latest.
  class Held {
   public:
    virtual ~Held() = default;
  };
  // Errors: FAILED_PRECONDITION where somebody else writes this set.
  virtual Result<std::unique_ptr<Held>> Lock(const std::string& set) = 0;
};

class FolderStore final : public Store {
 public:
  explicit FolderStore(std::filesystem::path root) : root_(std::move(root)) {}
  Status Write(const std::string& name, std::string_view bytes) override;
  Status Remove(const std::string& name) override;
  Result<std::optional<std::string>> Read(const std::string& name) const override;
  Result<std::vector<std::string>> List(const std::string& folder) const override;
  Result<std::vector<std::string>> Folders() const override;
  Result<std::unique_ptr<Held>> Lock(const std::string& set) override;

 private:
  std::filesystem::path root_;
};

}  // namespace troupe::content
