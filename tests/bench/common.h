// What the benchmarks' mains do alike: a folder that goes away, a median, flags that all take, and the end.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

// Removed with everything in it.
class Folder {
 public:
  // "bench-NAME-PID" in `parent`.
  Folder(const std::filesystem::path& parent, const std::string& name);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

// Of an even number the mean of the two in the middle; 0 of none.
double Median(std::vector<double> values);
// Of what `over` is of `under` in each round, where both ran under the same conditions.
double MedianRatio(const std::vector<double>& over, const std::vector<double>& under);
// The value that `share` of them (0 to 1) do not exceed; 0 of none.
double Quantile(std::vector<double> values, double share);

// Where programs and graph are, and where a journal may be put.
struct Places {
  std::string programs;
  std::string graph;
  std::string data;
};
void AddPlaces(CLI::App& app, Places& places);

// --threads, of which there are as many as cores if nobody says otherwise; `of` is "a model".
void AddThreads(CLI::App& app, int& threads, const std::string& of);

// Parses the flags and runs: 0 where every bar is passed, 1 where one is not, 2 where it could not run.
int Main(CLI::App& app, int argc, char** argv, const std::string& name, const std::function<Result<bool>()>& run);

Status WriteFile(const std::filesystem::path& path, const std::string& text);

}  // namespace troupe::bench
