#include "agents/tools/quantize.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "agents/tools/progress_line.h"
#include "runtime/model/model_folder.h"
#include "runtime/quantize/distill.h"
#include "runtime/quantize/quantize.h"
#include "runtime/quantize/save.h"

namespace troupe::tools {
namespace {

constexpr char kFooter[] = R"(Method:
  gptq  calibrated on --calibrate: each layer's rounding is made up for in the rest of the layer, on the inputs that
        it really gets (Frantar et al., 2022)
  rtn   rounded to the nearest; needs no text
  qat   gptq, then trained on its grids to predict what the full model predicts; needs text for --steps times --batch
        pieces, and for a model of 135 million weights about 3 GB of memory

OUT is a folder with config.json (its "quantization_config" says what was done), model.safetensors, tokeniser and chat
template. It is named in a graph, in a spec and for `evaluate` like any other model.

Examples:
  troupe-agent quantize smollm2.gguf smollm2-int4 --calibrate messages.csv --calibrate manual.md
  troupe-agent quantize smollm2.gguf smollm2-int8 --bits 8 --method rtn)";

uintmax_t FileBytes(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::file_size(path, ignored);
}

void AddOptions(CLI::App& command, QuantizeWishes& wishes) {
  command.add_option("MODEL", wishes.model, "A .gguf file or a Hugging Face folder")->required();
  command.add_option("OUT", wishes.out, "The folder to write")->required();
  command.add_option("--bits", wishes.bits, "Of a weight")->capture_default_str()->check(CLI::IsMember({4, 8}));
  command
      .add_option("--group", wishes.group,
                  "Weights of a row that share a scale, a multiple of 8; 0: the whole row (per channel). Left out: 64 "
                  "with 4 bits, the whole row with 8")
      ->check(CLI::Range(0, 4096));
  command.add_option("--method", wishes.method, "How")
      ->capture_default_str()
      ->check(CLI::IsMember({"gptq", "rtn", "qat"}));
  command.add_option("--calibrate", wishes.texts,
                     "Real text like what the model will read: a plain file, or a .csv with a column \"text\". May be "
                     "given again");
  command.add_option("--windows", wishes.windows, "Pieces drawn from the text to calibrate on")
      ->capture_default_str()
      ->check(CLI::Range(1, 65536));
  command.add_option("--length", wishes.length, "Tokens in a piece")
      ->capture_default_str()
      ->check(CLI::Range(2, 65536));
  command.add_option("--steps", wishes.steps, "qat: steps of training")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  command.add_option("--batch", wishes.batch, "qat: pieces a step")->capture_default_str()->check(CLI::Range(1, 4096));
  command
      .add_option(
          "--code-rate", wishes.code_rate,
          "qat: how far a step moves a weight at most, as a share of its grid's step; less where the loss jumps")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--scale-rate", wishes.scale_rate, "qat: the same for scales, as a share of them")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 0.5));
  command.add_option("--seed", wishes.seed, "Which pieces are drawn")->capture_default_str();
  command
      .add_option("--threads", wishes.threads,
                  "Cores to use; more than one only where nobody else uses them: torch's threads wait for each other")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command.add_flag("--force", wishes.force, "Write over a model that is there");
}

quantize::Options OptionsOf(const QuantizeWishes& wishes) {
  const int64_t usual = wishes.bits == 8 ? quantize::kPerChannel : 64;
  return {.bits = wishes.bits,
          .group = wishes.group < 0 ? usual : wishes.group,
          .method = wishes.method == "rtn" ? quantize::Method::kRtn : quantize::Method::kGptq};
}

// The grids, and how many windows they were calibrated on.
struct Made {
  quantize::Grids grids;
  size_t windows = 0;
};

Result<Made> Make(const model::ModelFiles& files, const QuantizeWishes& wishes, const quantize::Options& options) {
  std::vector<train::Window> windows, training;
  if (options.method == quantize::Method::kGptq) {
    const std::vector<std::filesystem::path> paths(wishes.texts.begin(), wishes.texts.end());
    TRY_ASSIGN(const std::string text, train::ReadTexts(paths));
    TRY_ASSIGN(const auto tokens, train::Tokens(*files.tokenizer, text));
    TRY_ASSIGN(windows, train::DrawWindows(tokens, wishes.windows, wishes.length, wishes.seed));
    TRY_ASSIGN(training, train::DrawWindows(tokens, wishes.steps * wishes.batch, wishes.length, wishes.seed + 1));
  }
  Made made{.windows = windows.size()};
  {
    ProgressLine line("quantise");
    const auto show = [&line](double done, std::string_view what) { line.Show(done, what); };
    TRY_ASSIGN(made.grids, quantize::Quantize(files.config, *files.weights, options, windows, show));
  }
  if (wishes.method != "qat") return made;
  ProgressLine line("train");
  const auto watch = [&](int64_t step, double loss) {
    char text[96];
    std::snprintf(text, sizeof(text), "step %ld of %ld, loss %.4f", static_cast<long>(step),
                  static_cast<long>(wishes.steps), loss);
    line.Show(static_cast<double>(step) / static_cast<double>(wishes.steps), text);
  };
  TRY_ASSIGN(made.grids, quantize::Distill(files.config, *files.weights, made.grids, training,
                                           {.steps = wishes.steps,
                                            .batch = wishes.batch,
                                            .rates = {wishes.code_rate, wishes.scale_rate},
                                            .seed = wishes.seed},
                                           watch));
  return made;
}

// config.json's "quantization_config".
Value Scheme(const QuantizeWishes& wishes, const quantize::Options& options, const Made& made,
             const std::string& digest) {
  Value scheme = {{"quant_method", "troupe"}, {"bits", options.bits},    {"group", options.group},
                  {"symmetric", true},        {"method", wishes.method}, {"made_of_sha256", digest}};
  if (options.method == quantize::Method::kRtn) return scheme;
  Value names = Value::array();
  for (const std::string& text : wishes.texts) names.push_back(std::filesystem::path(text).filename().string());
  scheme["calibration"] = {
      {"texts", names}, {"windows", made.windows}, {"length", wishes.length}, {"seed", wishes.seed}};
  if (wishes.method == "qat") {
    scheme["training"] = {{"steps", wishes.steps}, {"batch", wishes.batch}, {"loss", "KL to the full model"}};
  }
  return scheme;
}

}  // namespace

Quantize::Quantize(CLI::App& app)
    : command_(app.add_subcommand("quantize", "Write a model with its weights in 4 or 8 bits")) {
  command_->footer(kFooter);
  AddOptions(*command_, wishes_);
}

Status Quantize::Run() const {
  const quantize::Options options = OptionsOf(wishes_);
  if (options.method == quantize::Method::kGptq && wishes_.texts.empty()) {
    return Invalid("--method " + wishes_.method +
                   " needs text to calibrate on: give some with --calibrate, or take --method rtn");
  }
  if (options.group % 8 != 0) return Invalid("--group " + std::to_string(options.group) + " is no multiple of 8");
  at::set_num_threads(wishes_.threads);
  const auto start = std::chrono::steady_clock::now();
  TRY_ASSIGN(const model::ModelFiles files, model::LoadFolderOrGguf(wishes_.model));
  const auto overwrite = wishes_.force ? model::Overwrite::kYes : model::Overwrite::kNo;
  TRY(model::CheckModelFolder(files.path, wishes_.out, overwrite));
  if (!files.config.quantization.empty()) {
    return FailedPrecondition(wishes_.model + ": is quantised already (" + files.config.quantization +
                              "); start from the full model");
  }
  TRY_ASSIGN(const Made made, Make(files, wishes_, options));
  model::FolderChanges changes;
  TRY_ASSIGN(changes.weights, quantize::ToTensors(files.config, *files.weights, made.grids));
  TRY_ASSIGN(const std::string digest, files.Digest());
  changes.config = {{"quantization_config", Scheme(wishes_, options, made, digest)}};
  TRY(model::WriteModelFolder(files, changes, wishes_.out, overwrite));
  uintmax_t before = 0;
  for (const auto& file : files.weight_files) before += FileBytes(file);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%s: %zu matrices in %d bits, %.1f MB (%s: %.1f MB), in %s\n", wishes_.out.c_str(), made.grids.size(),
              options.bits,
              static_cast<double>(FileBytes(std::filesystem::path(wishes_.out) / "model.safetensors")) / 1e6,
              wishes_.model.c_str(), static_cast<double>(before) / 1e6, Lasting(seconds).c_str());
  return {};
}

}  // namespace troupe::tools
