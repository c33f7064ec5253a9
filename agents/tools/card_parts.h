// Parts of a trained model's card, whatever was trained.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/tools/data_file.h"
#include "runtime/base/value.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

// "97.30 %" of 0.973.
std::string Percent(double share);
// "12.34 million".
std::string Millions(int64_t count);

// The files as a list of objects, and that list as a section of a page.
Value DataValue(const std::vector<DataFile>& files);
std::string DataSection(const Value& data);
std::string RecipeSection(const std::string& recipe);

// Losses over steps, as SVG.
std::string LossChart(const train::TrainingLog& log);

}  // namespace troupe::tools
