// Paths of steps as cases write them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace troupe::rehearsal {

// "handle[*].draft" fits "handle[2].draft".
bool Fits(std::string_view pattern, std::string_view path);

// "handle[2].answer[0].draft" without its rounds: "handle.answer.draft".
std::string WithoutRounds(std::string_view path);

}  // namespace troupe::rehearsal
