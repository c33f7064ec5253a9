// What people are told of a step whose agent was unsure, or was checked. Pure; texts of users are not yet neutralised.
#pragma once

#include <string>

#include "troupe/v1/task.pb.h"

namespace troupe::cli {

// "unsure (0.43, less than 0.80): expert is asked", or why it is not; "sure (0.91, not less than 0.80): expert is asked
// as a spot check".
std::string DoubtLine(const v1::Doubt& doubt);
std::string DoubtLine(const v1::AskTeacher& ask);

}  // namespace troupe::cli
