#include "router/cli/cache/tables.h"

#include <cstdio>

#include "router/cli/format.h"
#include "router/cli/table.h"
#include "router/cli/text_width.h"
#include "router/graph/price.h"
#include "runtime/base/memory_share.h"

namespace troupe::cli {
namespace {

std::string Digits(double value, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string Percent(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  return Digits(100.0 * static_cast<double>(part) / static_cast<double>(whole), "%.0f%%");
}

std::string Saved(const v1::CacheTally& tally) {
  std::string text;
  const auto add = [&](const std::string& piece) { text += (text.empty() ? "" : ", ") + piece; };
  if (tally.saved_tokens() > 0) add(FormatCount(tally.saved_tokens()) + " tokens");
  if (tally.saved_device_us() > 0) add(FormatDuration(tally.saved_device_us() / 1000) + " of devices");
  if (tally.saved_money_micros() > 0) add(graph::FormatMicros(tally.saved_money_micros()) + " of money");
  return text.empty() ? "-" : text;
}

std::string Checked(const v1::CacheTally& tally) {
  if (tally.threshold() == 0.0) return "-";
  std::string text = "from " + Digits(tally.threshold(), "%.2f") + " on";
  if (tally.checked() > 0) text += ", " + FormatCount(tally.wrong()) + " of " + FormatCount(tally.checked()) + " wrong";
  return text;
}

std::string Behind(const v1::CacheStoreStats& store) {
  std::string text = "behind them " + Neutralise(store.name(), Newlines::kFlatten) + ": " + FormatCount(store.hits()) +
                     " answers found, " + FormatCount(store.misses()) + " not";
  if (store.bytes() > 0) text += "; " + MemoryText(store.bytes());
  if (store.failures() > 0) text += "; failed " + FormatCount(store.failures()) + " times";
  return store.in_use() ? text : text + "; does not answer and is left alone";
}

}  // namespace

std::vector<std::string> RenderCacheStats(const v1::StatsResponse& stats, int width) {
  if (stats.max_bytes() == 0) return {"the router keeps no answers: it was started with --cache-memory 0"};
  std::vector<std::string> lines;
  if (stats.tallies().empty()) {
    lines = {"no step or graph with 'cache' was asked since the router started"};
  } else {
    Table table({"GRAPH", "STEP", "HITS", "EXACT", "STALE", "MEANING", "WAITED", "MISSES", "BY MEANING", "SAVED"});
    for (const v1::CacheTally& tally : stats.tallies()) {
      const int64_t hits = tally.exact() + tally.stale() + tally.meaning() + tally.waited();
      table.Add({tally.graph(), tally.step().empty() ? "(whole)" : tally.step(), Percent(hits, hits + tally.misses()),
                 FormatCount(tally.exact()), FormatCount(tally.stale()), FormatCount(tally.meaning()),
                 FormatCount(tally.waited()), FormatCount(tally.misses()), Checked(tally), Saved(tally)});
    }
    lines = table.Render(width);
  }
  lines.push_back(FormatCount(stats.entries()) + " answers kept, " + MemoryText(stats.bytes()) + " of " +
                  MemoryText(stats.max_bytes()) + "; " + FormatCount(stats.evicted()) + " had to go");
  if (stats.has_store()) lines.push_back(Behind(stats.store()));
  return lines;
}

std::vector<std::string> RenderExplained(const v1::ExplainResponse& explained, int width) {
  std::vector<std::string> lines = {Neutralise(explained.why(), Newlines::kFlatten)};
  if (explained.near().empty()) return lines;
  Table table({"ALIKE", "SCORE", "GUARD", "EARLIER QUESTION"});
  for (const v1::NearQuestion& near : explained.near()) {
    table.Add({Digits(near.similarity(), "%.3f"), Digits(near.score(), "%.3f"), near.guard(), near.text()});
  }
  for (std::string& line : table.Render(width)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace troupe::cli
