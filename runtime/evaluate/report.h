// What an evaluation found, as plain data and as text for people and programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/value.h"
#include "runtime/evaluate/device_cost.h"
#include "runtime/evaluate/quality.h"
#include "runtime/evaluate/speed.h"

namespace troupe::evaluate {

struct Row {
  std::string name;
  std::string scheme;
  int64_t file_bytes = 0;
  int64_t weight_bytes = 0;  // in memory
  Quality quality;
  std::optional<Speed> speed;
  std::optional<double> accuracy;  // of the task, 0 to 1
};

// The first row is the full model, whatever the rows are measured against.
struct Report {
  std::string machine;  // "2 threads"
  std::string text;     // what was read: files, windows
  std::string task;     // what was asked; empty without a task
  std::vector<Row> rows;
  DeviceCost cost;

  // (perplexity of the row) / (perplexity of the full model) - 1.
  double PerplexityLoss(const Row& row) const;
};

std::string Markdown(const Report& report);
Value Json(const Report& report);
// A drawing of quality (agreement with the full model) against compute (milliseconds a token by itself, or megabytes of
// weights where speed was not measured): one point a row.
std::string Chart(const Report& report);

}  // namespace troupe::evaluate
