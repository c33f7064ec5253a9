// Filling content in, against a raw gRPC call and against nginx with a static file.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "router/content/library.h"
#include "router/content/publish.h"
#include "router/content/release.h"
#include "tests/bench/common.h"
#include "tests/bench/content/http_calls.h"
#include "tests/bench/content/sample.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string programs;
  std::string data;
  std::string nginx;
  int rounds = 7;
  double seconds = 1.0;
  int callers = 16;
};

// A server and the load on it.
struct Target {
  std::unique_ptr<Process> process;
  std::unique_ptr<Load> load;
  std::vector<double> per_second, p50_us, cpu_us;
};

Result<double> FillUs(const content::Library& library) {
  constexpr int kFills = 20'000;
  const auto begin = std::chrono::steady_clock::now();
  size_t bytes = 0;
  for (int i = 0; i < kFills; ++i) {
    TRY_ASSIGN(const content::Filled filled, library.Fill({"bench", "all", "user-17", SampleValues()}));
    bytes += filled.text.size();
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  if (bytes == 0) return Internal("nothing was filled in");
  return took.count() / kFills;
}

Result<Target> StartServe(const Flags& flags, const std::filesystem::path& folder, size_t body_bytes) {
  Target target;
  TRY_ASSIGN(target.process, Process::Start({flags.programs + "/troupe", "content", "serve", folder.string(),
                                             "--listen", "127.0.0.1:0", "--threads", "1", "--output", "json"},
                                            "\"listening\":\"127.0.0.1:"));
  const int port = std::stoi(target.process->ready_text());
  target.load = std::make_unique<Load>(HttpCalls(port, SampleRequest(), body_bytes));
  return target;
}

// One process that does all, as the other has one thread that does.
Result<Target> StartNginx(const Flags& flags, const std::filesystem::path& folder, const std::string& text) {
  Target target;
  const int port = FreePort();
  const std::string home = std::filesystem::absolute(folder).string();
  std::string conf = "daemon off;\nmaster_process off;\npid " + home +
                     "/nginx.pid;\nerror_log stderr notice;\n"
                     "events { worker_connections 512; }\nhttp {\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n"
                     "  keepalive_requests 1000000000;\n  open_file_cache max=100;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    conf += std::string("  ") + kind + "_temp_path " + home + "/" + kind + ";\n";
  }
  conf += "  server { listen 127.0.0.1:" + std::to_string(port) + "; root " + home + "; }\n}\n";
  TRY(WriteFile(folder / "nginx.conf", conf));
  TRY(WriteFile(folder / "text.html", text));
  TRY_ASSIGN(target.process, Process::Start({flags.nginx, "-p", home, "-c", home + "/nginx.conf"}, "event method"));
  target.load =
      std::make_unique<Load>(HttpCalls(port, "GET /text.html HTTP/1.1\r\nHost: localhost\r\n\r\n", text.size()));
  return target;
}

Status Measure(Target& target, int callers, double seconds) {
  TRY(target.load->Run(callers, {.seconds = 0.2}));
  const int64_t before = target.process->CpuUs();
  TRY_ASSIGN(const LoadResult result, target.load->Run(callers, {.seconds = seconds}));
  target.per_second.push_back(result.PerSecond());
  target.p50_us.push_back(result.p50_us);
  target.cpu_us.push_back(static_cast<double>(target.process->CpuUs() - before) / static_cast<double>(result.chains));
  return {};
}

Value ToValue(const Target& target) {
  return {{"per_s", Round(Median(target.per_second))},
          {"p50_us", Round(Median(target.p50_us))},
          {"cpu_us", Round(Median(target.cpu_us))}};
}

Result<bool> Run(const Flags& flags) {
  const Folder folder(flags.data, "content");
  TRY_ASSIGN(const content::Release release, content::MakeRelease(SampleSet(), content::Gaps::kRefused));
  content::FolderStore store(folder.path() / "public");
  TRY(content::Publish(store, release, 1));
  TRY_ASSIGN(const auto library, content::Library::Load(store, nullptr));
  TRY_ASSIGN(const content::Filled sample, library->Fill({"bench", "all", "user-17", SampleValues()}));
  std::map<std::string, Target> targets;
  TRY_ASSIGN(targets["fill_http"], StartServe(flags, folder.path() / "public", sample.text.size()));
  Target raw;
  TRY_ASSIGN(raw.process, Process::Start({flags.programs + "/bench_floor", "leaf"}, "listening on "));
  raw.load = std::make_unique<Load>(UnaryCalls(raw.process->ready_text(), "/troupe.bench.Echo/Do", sample.text));
  if (flags.nginx.empty()) {
    std::fprintf(stderr, "nginx is not installed, so HTTP is not compared (apt-get install nginx-light)\n");
  } else {
    TRY_ASSIGN(targets["nginx_static"], StartNginx(flags, folder.path(), sample.text));
  }
  std::vector<double> fill_us;
  for (int round = 0; round < flags.rounds; ++round) {
    std::fprintf(stderr, "round %d of %d\n", round + 1, flags.rounds);
    TRY_ASSIGN(const double us, FillUs(*library));
    fill_us.push_back(us);
    TRY(Measure(raw, 1, flags.seconds));
    for (auto& [name, target] : targets) TRY(Measure(target, flags.callers, flags.seconds));
  }
  Value figures{{"fill_us", Round(Median(fill_us))}, {"bytes", sample.text.size()}, {"raw_grpc", ToValue(raw)}};
  for (const auto& [name, target] : targets) figures[name] = ToValue(target);
  std::vector<Bar> bars = {{"a fill over a raw gRPC call's p50", MedianRatio(fill_us, raw.p50_us), 0.1, Better::kLess}};
  if (targets.contains("nginx_static")) {
    bars.push_back({"HTTP fills/s over nginx' static files/s, " + std::to_string(flags.callers) + " callers",
                    MedianRatio(targets["fill_http"].per_second, targets["nginx_static"].per_second), 0.5,
                    Better::kMore});
  }
  std::cout << Report("content", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("Filling content in, against a raw gRPC call and nginx with a static file.");
  app.add_option("--programs", flags.programs, "the folder of troupe and bench_floor")->required();
  app.add_option("--data", flags.data, "where to publish to")->required();
  app.add_option("--nginx", flags.nginx, "nginx, to hold HTTP against");
  app.add_option("--rounds", flags.rounds, "interleaved rounds; medians are reported")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", flags.seconds, "of each visit")->check(CLI::Range(0.05, 600.0))->capture_default_str();
  app.add_option("--callers", flags.callers, "of the HTTP servers")->check(CLI::Range(1, 512))->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "content", [&flags] { return troupe::bench::Run(flags); });
}
