#include "runtime/train/training_log.h"

namespace troupe::train {

bool Grade::IsBetterThan(const Grade& other) const {
  return accuracy != other.accuracy ? accuracy > other.accuracy : loss < other.loss;
}

bool TrainingLog::Add(Check check) {
  const bool is_best = best < 0 || check.grade.IsBetterThan(checks[static_cast<size_t>(best)].grade);
  if (is_best) best = static_cast<int64_t>(checks.size());
  checks.push_back(check);
  return is_best;
}

Value TrainingLog::ToValue() const {
  Value rows = Value::array();
  for (const Check& check : checks) rows.push_back({check.step, check.grade.accuracy, check.grade.loss});
  return {{"losses", losses}, {"checks", rows}};
}

Result<TrainingLog> TrainingLog::From(const Value& value) {
  TrainingLog log;
  try {
    log.losses = value.at("losses").get<std::vector<double>>();
    for (const Value& row : value.at("checks")) {
      log.Add({row.at(0).get<int64_t>(), {row.at(1).get<double>(), row.at(2).get<double>()}});
    }
  } catch (const Value::exception& failure) {
    return Invalid(std::string("the run's log cannot be read: ") + failure.what());
  }
  return log;
}

}  // namespace troupe::train
