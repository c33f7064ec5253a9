#include "runtime/evaluate/report.h"

#include "runtime/evaluate/table_parts.h"

namespace troupe::evaluate {

namespace {

// For 1,000 tokens, where as many sequences are written at once as were measured at most.
double DeviceSeconds(const Speed& speed) { return 1000 / speed.tokens_s.back(); }

}  // namespace

double Report::PerplexityLoss(const Row& row) const {
  return row.quality.perplexity / rows.front().quality.perplexity - 1;
}

std::string Markdown(const Report& report) {
  bool has_speed = false, has_task = false;
  for (const Row& row : report.rows) {
    has_speed |= row.speed.has_value();
    has_task |= row.accuracy.has_value();
  }
  std::vector<std::string> names{"model",      "weights", "file MB",   "memory MB",
                                 "perplexity", "loss",    "agreement", "KL, nats"};
  if (has_speed) {
    for (const int64_t batch : Speed::kBatches) names.push_back("tokens/s at " + std::to_string(batch));
    names.insert(names.end(), {"first token, ms", "device-s for 1,000 tokens"});
    if (report.cost.watts > 0) names.push_back("J for 1,000 tokens");
    if (report.cost.price_per_hour > 0) names.push_back("money for 1,000,000 tokens");
  }
  if (has_task) names.push_back("task");
  std::string text = "Text: " + report.text + ". Machine: " + report.machine + ".";
  if (has_task) text += " Task: " + report.task + ".";
  text +=
      "\nThe first model is the full one: loss is perplexity above its, agreement how often both find the same next\n"
      "token likeliest, KL how far the next token's distribution is from its.\n\n" +
      Line(names);
  text += Rule(names.size());
  for (const Row& row : report.rows) {
    std::vector<std::string> cells{row.name,
                                   row.scheme,
                                   Megabytes(row.file_bytes),
                                   Megabytes(row.weight_bytes),
                                   Format("%.3f", row.quality.perplexity),
                                   Format("%+.2f %%", 100 * report.PerplexityLoss(row)),
                                   Format("%.2f %%", 100 * row.quality.agreement),
                                   Format("%.4f", row.quality.divergence)};
    if (has_speed) {
      for (size_t i = 0; i < Speed::kBatches.size(); ++i) {
        cells.push_back(row.speed ? Format("%.1f", row.speed->tokens_s[i]) : "");
      }
      cells.push_back(row.speed ? Format("%.0f", row.speed->first_token_ms) : "");
      const double seconds = row.speed ? DeviceSeconds(*row.speed) : 0;
      cells.push_back(row.speed ? Format("%.2f", seconds) : "");
      if (report.cost.watts > 0) cells.push_back(Format("%.1f", report.cost.Joules(seconds)));
      if (report.cost.price_per_hour > 0) cells.push_back(Format("%.4f", 1000 * report.cost.Money(seconds)));
    }
    if (has_task) cells.push_back(row.accuracy ? Format("%.1f %%", 100 * *row.accuracy) : "");
    text += Line(cells);
  }
  return text;
}

Value Json(const Report& report) {
  Value rows = Value::array();
  for (const Row& row : report.rows) {
    Value json = {{"name", row.name},
                  {"weights", row.scheme},
                  {"file_bytes", row.file_bytes},
                  {"weight_bytes", row.weight_bytes},
                  {"tokens", row.quality.tokens},
                  {"perplexity", row.quality.perplexity},
                  {"perplexity_loss", report.PerplexityLoss(row)},
                  {"agreement", row.quality.agreement},
                  {"divergence_nats", row.quality.divergence}};
    if (row.speed) {
      Value speeds = Value::object();
      for (size_t i = 0; i < Speed::kBatches.size(); ++i) {
        speeds[std::to_string(Speed::kBatches[i])] = row.speed->tokens_s[i];
      }
      json["tokens_s_by_batch"] = speeds;
      json["first_token_ms"] = row.speed->first_token_ms;
      const double seconds = DeviceSeconds(*row.speed);
      json["device_s_per_1000_tokens"] = seconds;
      if (report.cost.watts > 0) json["joules_per_1000_tokens"] = report.cost.Joules(seconds);
      if (report.cost.price_per_hour > 0) json["money_per_1000000_tokens"] = 1000 * report.cost.Money(seconds);
    }
    if (row.accuracy) json["task_accuracy"] = *row.accuracy;
    rows.push_back(std::move(json));
  }
  return {{"text", report.text}, {"machine", report.machine}, {"task", report.task}, {"models", rows}};
}

}  // namespace troupe::evaluate
