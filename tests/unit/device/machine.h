// A machine as files under a temporary folder, for detection.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/device/detect.h"

namespace troupe::device {

class Machine : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = std::filesystem::path(::testing::TempDir()) /
            ("troupe_" + std::string(test->test_suite_name()) + "_" + test->name());
    std::filesystem::remove_all(root_);
    Write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Test CPU 9000\n");
    Write("proc/meminfo", "MemTotal:       8388608 kB\nMemFree:  1 kB\nMemAvailable:   4194304 kB\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }

  Sources MakeSources(int affinity_cores) {
    Sources sources;
    sources.root = root_;
    sources.affinity_cores = [affinity_cores] { return affinity_cores; };
    return sources;
  }

  std::filesystem::path root_;
};

}  // namespace troupe::device
