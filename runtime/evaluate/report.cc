#include "runtime/evaluate/report.h"

#include <cstdio>

namespace troupe::evaluate {
namespace {

std::string Format(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string Megabytes(int64_t bytes) { return Format("%.1f", static_cast<double>(bytes) / 1e6); }

std::string Line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

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
    names.push_back("first token, ms");
  }
  if (has_task) names.push_back("task");
  std::string text = "Text: " + report.text + ". Machine: " + report.machine + ".";
  if (has_task) text += " Task: " + report.task + ".";
  text +=
      "\nThe first model is the full one: loss is perplexity above its, agreement how often both find the same next\n"
      "token likeliest, KL how far the next token's distribution is from its.\n\n" +
      Line(names);
  text += Line(std::vector<std::string>(names.size(), "---"));
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
    }
    if (row.accuracy) json["task_accuracy"] = *row.accuracy;
    rows.push_back(std::move(json));
  }
  return {{"text", report.text}, {"machine", report.machine}, {"task", report.task}, {"models", rows}};
}

}  // namespace troupe::evaluate
