#include "tests/bench/cache/questions.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <sstream>
#include <unordered_set>

#include "runtime/base/csv.h"
#include "runtime/engine/embedder.h"
#include "tests/bench/cache/pairs.h"

namespace troupe::bench {

Result<Questions> ReadQuestions(const std::string& folder, uint64_t seed) {
  Questions questions;
  std::unordered_set<std::string> seen;
  for (const char* name : {"train", "test"}) {
    const std::string file = folder + "/" + name + ".csv";
    std::ifstream stream(file);
    if (!stream) return Error{Code::kNotFound, "no file " + file + ": give --data, or set TROUPE_BANKING77"};
    std::ostringstream text;
    text << stream.rdbuf();
    TRY_ASSIGN(const CsvTable table, ParseCsv(text.str()));
    TRY_ASSIGN(const size_t text_column, table.Column({"text"}));
    TRY_ASSIGN(const size_t label_column, table.Column({"label", "category"}));
    for (const auto& row : table.rows) {
      if (!seen.insert(row[text_column]).second) continue;
      questions.texts.push_back(row[text_column]);
      questions.labels.push_back(row[label_column]);
    }
  }
  Draw draw(seed);
  for (size_t i = questions.texts.size(); i > 1; --i) {
    const size_t other = draw.Below(i);
    std::swap(questions.texts[i - 1], questions.texts[other]);
    std::swap(questions.labels[i - 1], questions.labels[other]);
  }
  return questions;
}

Result<at::Tensor> Embed(const std::string& folder, const std::vector<std::string>& texts, int threads) {
  TRY_ASSIGN(const auto embedder, engine::Embedder::Load(folder, {.max_queued = 1 << 16, .threads = threads}));
  std::promise<Result<engine::Rows>> ready;
  TRY(embedder->Embed(texts, [&](Result<engine::Rows> rows) { ready.set_value(std::move(rows)); }));
  TRY_ASSIGN(const engine::Rows rows, ready.get_future().get());
  at::Tensor tensor = at::empty({rows.size(), rows.width}, at::kFloat);
  std::copy(rows.values.begin(), rows.values.end(), tensor.data_ptr<float>());
  return tensor;
}

}  // namespace troupe::bench
