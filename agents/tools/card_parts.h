// What the cards of trained models have in common, in JSON, Markdown and SVG. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/tools/training_data.h"
#include "runtime/base/value.h"
#include "runtime/train/calibration.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

std::string Percent(double share);    // 0.9312: "93.12 %"
std::string Millions(int64_t count);  // "22.71 million"
std::string Digits(double number);    // "0.0312"

Value DataValue(const std::vector<DataFile>& files);
std::string DataTable(const std::vector<DataFile>& files);
std::string RecipeBlock(const std::string& recipe_text);

Value CalibrationValue(const train::Calibration& calibration);
// A row of the table at the top of a card.
std::string CalibrationRow(const train::Calibration& calibration);

// Losses over steps.
std::string LossChart(const train::TrainingLog& log);

std::string ToFileText(const Value& card);

}  // namespace troupe::tools
