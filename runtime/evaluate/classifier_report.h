// What a comparison of classifiers found, as text for people and programs: what a student keeps of its teacher, and
// what it costs. Pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/value.h"
#include "runtime/evaluate/classifier.h"
#include "runtime/evaluate/device_cost.h"

namespace troupe::evaluate {

// The first row is the full model, whatever the others are measured against.
struct ClassifierReport {
  std::string machine;  // "2 threads"
  std::string texts;    // what was asked
  DeviceCost cost;
  std::vector<ClassifierRow> rows;

  // Share of the full model's accuracy that the row has.
  double Retention(const ClassifierRow& row) const;
};

std::string Markdown(const ClassifierReport& report);
Value Json(const ClassifierReport& report);
// Accuracy against milliseconds a text, or megabytes of weights where speed was not measured: one point a row.
std::string Chart(const ClassifierReport& report);

}  // namespace troupe::evaluate
