#include "agents/scripted/scripted.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "agents/scripted/script.h"
#include "runtime/async/scope.h"

namespace troupe::scripted {
namespace asio = boost::asio;

namespace {
// {text: ...} and nothing else, which is an echo as it stands.
bool IsOnlyText(const Value& input) {
  if (!input.is_object() || input.size() != 1) return false;
  const auto& [key, text] = *input.get_ref<const Value::object_t&>().begin();
  return key == "text" && text.is_string();
}

std::string EchoText(const Value& input) {
  if (input.is_object()) {
    auto text = input.find("text");
    if (text != input.end() && text->is_string()) return text->get<std::string>();
  }
  return TextOf(input);
}

int64_t CountWords(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    words += !blank && !inside;
    inside = !blank;
  }
  return words;
}

// The text up to the end of its `most`-th word; 0 for all of it.
std::string LimitWords(std::string text, int64_t most) {
  int64_t words = 0;
  bool inside = false;
  for (size_t i = 0; most > 0 && i < text.size(); ++i) {
    const bool blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\t';
    if (blank && inside && words == most) return text.substr(0, i);
    words += !blank && !inside;
    inside = !blank;
  }
  return text;
}

// `text` in `pieces` parts of about the same length, cut between characters; fewer where there are fewer characters.
std::vector<std::string> Cut(const std::string& text, int pieces) {
  std::vector<std::string> out;
  size_t begin = 0;
  for (int i = 1; i <= pieces; ++i) {
    size_t end = text.size() * static_cast<size_t>(i) / static_cast<size_t>(pieces);
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    if (end <= begin) continue;
    out.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

void ReplaceAll(std::string& text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

asio::awaitable<bool> Sleep(int64_t ms) {
  if (ms <= 0) co_return true;
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(ms));
  boost::system::error_code failed;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failed));
  co_return !failed;
}

asio::awaitable<Result<Value>> AskPeer(std::shared_ptr<host::Step> step, const Question& question) {
  auto executor = co_await asio::this_coro::executor;
  auto start = [&](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    step->Ask(question.peer, question.input, [shared, executor](Result<Value> answer) {
      asio::post(executor, [shared, answer = std::move(answer)]() mutable { std::move (*shared)(std::move(answer)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Value>)>(start,
                                                                                              asio::use_awaitable);
}

class Scripted final : public host::Kind {
 public:
  Scripted(Script script, bool echo)
      : script_(std::move(script)),
        echo_(echo),
        failures_(script_.rules.size() + 1),
        guard_(context_.get_executor()),
        thread_([this] { context_.run(); }),
        scope_(context_.get_executor()) {}
  ~Scripted() override { Stop(); }

  host::Facts facts() const override { return {.model_digest = "", .slots = 4096, .answers_once = echo_}; }

  void Work(std::shared_ptr<host::Step> step) override {
    const Rule* rule = echo_ ? nullptr : script_.Find(TextOf(step->input()));
    if (rule == nullptr) return Echo(*step);
    auto stop = scope_.SpawnCancellable(Play(step, *rule));
    if (!stop) return step->Fail(std::move(stop).error(), {});
    step->OnCancel(std::move(*stop));
  }

  void Stop() override {
    if (!thread_.joinable()) return;
    scope_.Close();
    guard_.reset();
    thread_.join();
  }

 private:
  static void Echo(host::Step& step) {
    if (IsOnlyText(step.input())) return step.Done(step.TakeInput(), {});
    Value output = Value::object();
    output["text"] = EchoText(step.input());
    step.Done(std::move(output), {});
  }

  asio::awaitable<void> Play(std::shared_ptr<host::Step> step, const Rule& rule) {
    if (auto result = co_await Act(step, rule); !result) step->Fail(std::move(result).error(), {});
  }

  asio::awaitable<Status> Act(std::shared_ptr<host::Step> step, const Rule& rule) {
    if (!co_await Sleep(rule.delay_ms)) co_return Cancelled("cancelled while it waited");
    if (rule.crash) std::_Exit(70);
    if (rule.failure && (rule.failure->times == 0 || failures_[rule.index]++ < rule.failure->times)) {
      co_return Error(rule.failure->error);
    }
    std::string answers;
    for (const Question& question : rule.questions) {
      Result<Value> answer = co_await AskPeer(step, question);
      if (!answer && !question.or_else) co_return Error(std::move(answer).error());
      answers += (answers.empty() ? "" : " ") + (answer ? TextOf(*answer) : *question.or_else);
    }
    std::string text = rule.say ? *rule.say : EchoText(step->input());
    ReplaceAll(text, "{answer}", answers);
    text = LimitWords(std::move(text), step->max_tokens());
    if (rule.pieces > 0) CO_TRY(co_await Stream(step, rule, text));
    Value output = rule.output;
    if (output.is_null()) output = Value{{"text", text}};
    step->Done(std::move(output), {.generated_tokens = CountWords(text)});
    co_return Status{};
  }

  asio::awaitable<Status> Stream(std::shared_ptr<host::Step> step, const Rule& rule, const std::string& text) {
    // what was shown before is not sent again, unless the script says something else by now
    const std::string& shown = step->committed_text();
    const size_t begin = text.compare(0, shown.size(), shown) == 0 ? shown.size() : text.size();
    size_t said = begin;
    for (std::string& piece : Cut(text.substr(begin), rule.pieces)) {
      if (!co_await Sleep(rule.piece_delay_ms)) co_return Cancelled("cancelled while it spoke");
      said += piece.size();
      step->Delta(std::move(piece), CountWords(std::string_view(text).substr(0, said)));
    }
    co_return Status{};
  }

  const Script script_;
  const bool echo_;
  std::vector<std::atomic<int64_t>> failures_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::thread thread_;
  async::Scope scope_;
};
}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  TRY_ASSIGN(Script script, ParseScript(spec.config.value("script", Value())));
  return std::make_unique<Scripted>(std::move(script), spec.config.value("echo", false));
}

}  // namespace troupe::scripted
