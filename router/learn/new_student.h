// What changes in YAML files when a student takes another one's place: in the graph its agent's name, its model's path
// and the confidence below which its teacher is asked; in the recipe the student that learns, and from what. Pure.
//
// The agent gets another name because replicas are found by their agent's: under the old one the old student goes on
// serving the tasks of the old version. The old name with "-r3" is that of round 3.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/base/error.h"

namespace troupe::learn {

struct NewStudent {
  // The step, by its path without rounds.
  std::string step;
  int round = 0;
  // Its model's folder, absolute, and its `below`.
  std::string model;
  double below = 0.0;
};

// "small" and "small-r2" are "small-r3" in round 3.
std::string AgentName(const std::string& old_name, int round);

// The graph with the new student wherever the old one worked. Errors: INVALID_ARGUMENT where the step has no teacher,
// no spot checks or is in another file, where the model is another agent's too or states a sha256, where an agent
// of the new name is there, and those of
// YamlEdit.
Result<std::string> WithStudent(const std::string& graph_yaml, const std::string& file_name, const NewStudent& student);

// The agent that works on the step. Errors: those of WithStudent.
Result<std::string> StudentOf(const std::string& graph_yaml, const std::string& file_name, const std::string& step);

// The student that a recipe names. Errors: INVALID_ARGUMENT.
Result<std::string> StudentIn(const std::string& recipe_yaml, const std::string& file_name);

// The recipe for a round: that student and those lessons in place of the ones it names, and its other paths, relative
// to `folder`, absolute. Errors: INVALID_ARGUMENT.
Result<std::string> RecipeOf(const std::string& recipe_yaml, const std::string& file_name,
                             const std::filesystem::path& folder, const std::string& student,
                             const std::string& lessons);

}  // namespace troupe::learn
