// What companies under fault share: where they keep their files, and how their processes get variables.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace troupe::fault {

// A folder of its own in /tmp, with a name that is short: a socket's path may have 107 bytes.
std::filesystem::path MakeFolder();

// Removes it, or says where logs and journal are kept, if the test that runs has failed.
void RemoveUnlessFailed(const std::filesystem::path& folder);

// The command, run with these "NAME=value".
std::vector<std::string> WithEnvironment(const std::vector<std::string>& environment,
                                         const std::vector<std::string>& command);

}  // namespace troupe::fault
