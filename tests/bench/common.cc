#include "tests/bench/common.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <thread>

namespace troupe::bench {

Folder::Folder(const std::filesystem::path& parent, const std::string& name)
    : path_(parent / ("bench-" + name + "-" + std::to_string(getpid()))) {
  std::filesystem::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
}

double MedianRatio(const std::vector<double>& over, const std::vector<double>& under) {
  std::vector<double> ratios;
  for (size_t i = 0; i < over.size(); ++i) ratios.push_back(over[i] / under[i]);
  return Median(ratios);
}

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0.0;
  std::ranges::sort(values);
  const auto rank = static_cast<size_t>(share * static_cast<double>(values.size()));
  return values[std::min(values.size() - 1, rank)];
}

void AddPlaces(CLI::App& app, Places& places) {
  app.add_option("--programs", places.programs, "folder with troupe-router, troupe-agent and the like")->required();
  app.add_option("--graph", places.graph, "the benchmark's graph file")->required();
  app.add_option("--data", places.data, "folder for the journal; its disk is part of what is measured")->required();
}

void AddThreads(CLI::App& app, int& threads, const std::string& of) {
  threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  app.add_option("--threads", threads, "threads of " + of)->capture_default_str();
}

int Main(CLI::App& app, int argc, char** argv, const std::string& name, const std::function<Result<bool>()>& run) {
  CLI11_PARSE(app, argc, argv);
  const auto ok = run();
  if (!ok) {
    std::cerr << "bench_" << name << ": " << ToString(ok.error()) << "\n";
    return 2;
  }
  return *ok ? 0 : 1;
}

Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return Unavailable("cannot write " + path.string());
  return {};
}

}  // namespace troupe::bench
