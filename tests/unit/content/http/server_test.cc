// A real server on port 0 and raw sockets: what no well-behaved client would send.
#include "router/content/http/server.h"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <random>
#include <thread>

#include "router/content/publish.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content::http {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using asio::ip::tcp;

// A client that says what it likes.
class Raw {
 public:
  explicit Raw(int port) : socket_(context_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(port)});
  }
  Raw& Say(std::string_view bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
    return *this;
  }
  // All that comes until the server closes.
  std::string Rest() {
    std::string text;
    boost::system::error_code end;
    asio::read(socket_, asio::dynamic_buffer(text), end);
    return text;
  }
  // One answer with its body.
  std::string Next() {
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
      if (!More()) return std::exchange(buffer_, "");
    }
    size_t size = buffer_.find("\r\n\r\n") + 4;
    if (const size_t at = buffer_.find("Content-Length: "); at < size) size += std::stoul(buffer_.substr(at + 16));
    while (buffer_.size() < size && More()) {
    }
    const std::string answer = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
  }
  bool IsClosed() {
    socket_.non_blocking(true);
    char byte;
    boost::system::error_code error;
    socket_.read_some(asio::buffer(&byte, 1), error);
    return error && error != asio::error::would_block;
  }

 private:
  bool More() {
    char bytes[4096];
    boost::system::error_code error;
    const size_t count = socket_.read_some(asio::buffer(bytes), error);
    buffer_.append(bytes, count);
    return !error;
  }

  asio::io_context context_;
  tcp::socket socket_;
  std::string buffer_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    EXPECT_TRUE(Publish(store_, SampleRelease(), 1));
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { context_.run(); });
  }
  ~ServerTest() override {
    if (server_) server_->Stop(std::chrono::seconds(10));
    server_.reset();
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
  }
  void Serve(Options options = {}) {
    options.tick = std::chrono::milliseconds(2);
    auto server =
        Server::Start(context_.get_executor(), store_, "127.0.0.1:0", options, clock_, [this](const std::string& note) {
          std::lock_guard lock(mutex_);
          notes_.push_back(note);
        });
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  Raw Client() { return Raw(server_->port()); }
  std::string Ask(std::string_view request) { return Client().Say(request).Rest(); }
  bool Serves() {
    return Ask("GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200");
  }
  std::string LastNote() {
    std::lock_guard lock(mutex_);
    return notes_.empty() ? "" : notes_.back();
  }

  const TempFolder folder_;
  FolderStore store_{folder_.path};
  ManualClock clock_;
  asio::io_context context_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{asio::make_work_guard(context_)};
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::vector<std::string> notes_;
  std::unique_ptr<Server> server_;
};

const std::string kManifest = "GET /v1/content/birthday/manifests/new.en.json HTTP/1.1\r\nHost: x\r\n";

std::string FillRequestOf(std::string_view body, std::string_view more = "") {
  return "POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

const std::string kFill =
    R"({"set":"birthday","audience":"loyal.de","user":"u","slots":{"first_name":"Ann","amount":"1","until":"2026-12-24"}})";

TEST_F(ServerTest, AnswersManyRequestsOfOneConnectionAndPipelinedOnes) {
  // given
  Serve();
  Raw client = Client();
  // when: three at once, cut at an odd place
  const std::string all = kManifest + "\r\n" + FillRequestOf(kFill) + kManifest + "Accept-Encoding: br\r\n\r\n";
  client.Say(all.substr(0, 100)).Say(all.substr(100));
  // then
  EXPECT_TRUE(client.Next().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(client.Next().find("Ann"), std::string::npos);
  EXPECT_NE(client.Next().find("Content-Encoding: br\r\n"), std::string::npos);
  // and byte by byte
  for (const char c : FillRequestOf(kFill)) client.Say({&c, 1});
  EXPECT_NE(client.Next().find("Ann"), std::string::npos);
  const std::string head = Client().Say("HEAD" + kManifest.substr(3) + "Connection: close\r\n\r\n").Rest();
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_EQ(head.find("Content-Length: 0"), std::string::npos);
}

TEST_F(ServerTest, TakesBodiesInChunksAndThoseThatWaitToBeAskedFor) {
  Serve();
  std::string chunked =
      "POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  chunked += "a\r\n" + kFill.substr(0, 10) + "\r\n";
  char size[8];
  std::snprintf(size, sizeof size, "%zx", kFill.size() - 10);
  chunked += std::string(size) + "\r\n" + kFill.substr(10) + "\r\n0\r\n\r\n";
  EXPECT_NE(Client().Say(chunked).Next().find("Ann"), std::string::npos);
  Raw client = Client();
  const std::string waiting = FillRequestOf(kFill, "Expect: 100-continue\r\n");
  client.Say(waiting.substr(0, waiting.find("\r\n\r\n") + 4));
  EXPECT_EQ(client.Next(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Say(kFill);
  EXPECT_NE(client.Next().find("Ann"), std::string::npos);
}

TEST_F(ServerTest, RefusesWhatIsTooLargeOrNotHttpWithAReason) {
  Serve();
  const std::string megabyte(1 << 20, 'a');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GET /" + megabyte + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
      {"GET /" + std::string(3000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
      {kManifest + "X-Long: " + megabyte + "\r\n\r\n", "431"},
      {FillRequestOf(R"({"set":"birthday","slots":{"first_name":")" + megabyte + "\"}}"), "413"},
      {"POST /v1/fill HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + megabyte + "\r\n0\r\n\r\n",
       "413"},
      {"\r\n\r\n\r\n\r\n", "400"},
      {"nonsense\r\n\r\n", "400"},
      {std::string(200, '\0') + "\r\n\r\n", "400"},
      {"GET /v1/health HTTP/1.1\r\n\r\n", "400"},
      {"GET /v1/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET http://x/v1/health HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /v1/health HTTP/3.0\r\nHost: x\r\n\r\n", "400"},
      {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /v1/health HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", "400"},
      {"POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "400"},
      {"POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "400"},
      {"POST /v1/fill HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST /v1/fill HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST /v1/fill HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", "400"},
      {"DELETE /v1/content/birthday/manifests/new.en.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
      {"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404"}};
  for (const auto& [request, status] : cases) {
    const std::string answer = Ask(request);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status + " "))
        << request.substr(0, 200) << "\n-> " << answer.substr(0, 400);
    EXPECT_NE(answer.find("{\"error\":{\"code\":\""), std::string::npos) << answer;
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos);
  }
  EXPECT_TRUE(Serves());
}

TEST_F(ServerTest, SlowClientsAreSentAwayAndTheOthersServed) {
  // given: some that stop in the headers, in the body, and before either
  Serve({.header_time = std::chrono::seconds(5),
         .body_time = std::chrono::seconds(8),
         .idle_time = std::chrono::seconds(60)});
  std::vector<std::unique_ptr<Raw>> in_headers;
  for (int i = 0; i < 50; ++i) in_headers.push_back(std::make_unique<Raw>(server_->port()));
  for (auto& client : in_headers) client->Say("GET /v1/health HTTP/1.1\r\nHost: x\r\nX-a: b\r\n");
  Raw in_body = Client();
  in_body.Say(FillRequestOf(kFill).substr(0, 150));
  Raw idle = Client();
  ASSERT_TRUE(Eventually("all are there", [&] { return server_->connections() == 52; }));
  ASSERT_TRUE(Serves());
  // when: they drip on, which helps them nothing
  clock_.Advance(4900);
  for (auto& client : in_headers) client->Say("X-b: c\r\n");
  ASSERT_TRUE(Serves());
  EXPECT_FALSE(in_headers[0]->IsClosed());
  // a connection may have been accepted and not read from yet, so time goes on in steps
  ASSERT_TRUE(Eventually("those in headers are away", [&] {
    clock_.Advance(50);
    return server_->connections() <= 2 || clock_.NowMs() > 1'700'000'000'000 + 55'000;
  }));
  ASSERT_TRUE(Eventually("the one in its body too", [&] {
    clock_.Advance(50);
    return server_->connections() <= 1 || clock_.NowMs() > 1'700'000'000'000 + 55'000;
  }));
  // then
  EXPECT_TRUE(in_body.Rest().starts_with("HTTP/1.1 408 "));
  EXPECT_FALSE(idle.IsClosed());
  EXPECT_TRUE(Serves());
  ASSERT_TRUE(Eventually("the idle one is away at last", [&] {
    clock_.Advance(5000);
    return server_->connections() == 0;
  }));
}

TEST_F(ServerTest, BeyondTheLimitConnectionsAreToldToComeBack) {
  // given
  Serve({.max_connections = 10});
  std::vector<std::unique_ptr<Raw>> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<Raw>(server_->port()));
  ASSERT_TRUE(Eventually("all are there", [&] { return server_->connections() == 10; }));
  // when
  const std::string refused = Client().Say(kManifest + "\r\n").Rest();
  clients.pop_back();
  // then
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_TRUE(Eventually("there is room again", [&] { return Serves(); }));
}

TEST_F(ServerTest, ServesANewVersionWithoutARestartAndTheOldOneWhereTheNewOneIsDamaged) {
  // given
  Serve({.reload_time = std::chrono::milliseconds(0)});
  ContentSet set = SampleSet();
  set.texts[1].text = "<p>Something quite new for {{first_name}}, worth {{amount}}.</p>";
  const Release release = SampleRelease(set);
  // when
  ASSERT_TRUE(Publish(store_, release, 2));
  // then
  ASSERT_TRUE(Eventually("it is served", [&] {
    return Ask(kManifest + "Connection: close\r\n\r\n").find(release.version) != std::string::npos;
  }));
  EXPECT_EQ(LastNote(), "serves birthday@" + release.version);
  // when
  ASSERT_TRUE(store_.Write("birthday/current", "{}"));
  ASSERT_TRUE(Eventually("it is said", [&] { return LastNote().starts_with("goes on serving what it has"); }));
  // then
  EXPECT_NE(Ask(kManifest + "Connection: close\r\n\r\n").find(release.version), std::string::npos);
}

TEST_F(ServerTest, DrainsWhatRunsAndClosesWhatIsIdle) {
  // given: one idle, and one whose headers were taken, as it was asked for the body
  Serve();
  Raw idle = Client();
  Raw busy = Client();
  const std::string request = FillRequestOf(kFill, "Expect: 100-continue\r\n");
  const size_t body = request.find("\r\n\r\n") + 4;
  busy.Say(request.substr(0, body));
  EXPECT_EQ(busy.Next(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(Eventually("both are there", [&] { return server_->connections() == 2; }));
  // when
  bool drained = false;
  std::thread stopping([&] { drained = server_->Stop(std::chrono::seconds(20)); });
  EXPECT_EQ(idle.Rest(), "");
  busy.Say(request.substr(body));
  const std::string answer = busy.Rest();
  stopping.join();
  // then
  EXPECT_TRUE(drained);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  boost::system::error_code error;
  asio::io_context context;
  tcp::socket late(context);
  late.connect({asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(server_->port())}, error);
  EXPECT_TRUE(error);
}

TEST_F(ServerTest, StopsAtItsLimitWhateverClientsDo) {
  Serve();
  Raw stuck = Client();
  stuck.Say(FillRequestOf(kFill).substr(0, 150));
  ASSERT_TRUE(Eventually("it is there", [&] { return server_->connections() == 1; }));
  (void)server_->Stop(std::chrono::milliseconds(10));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(ServerTest, RandomBytesDoNoHarm) {
  // given
  Serve();
  const std::string seed_request =
      FillRequestOf(kFill, "Accept-Encoding: gzip, br\r\nRange: bytes=0-5\r\nIf-None-Match: \"a\", *\r\n");
  for (unsigned seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    std::string request = seed_request;
    if (seed % 4 == 0) {
      request.resize(random() % 2000);
      for (char& c : request) c = static_cast<char>(random() % 256);
    }
    for (int i = 0; i < 5; ++i) request[random() % request.size()] = static_cast<char>(random() % 256);
    // when
    Raw client = Client();
    client.Say(request).Say("\r\n\r\n" + kManifest + "Connection: close\r\n\r\n");
  }
  // then
  EXPECT_TRUE(Serves());
}

TEST_F(ServerTest, SaysWhatIsWrongWithAnAddress) {
  for (const char* address :
       {"", "8080", "localhost", "shop.example:80", "127.0.0.1:x", "127.0.0.1:99999", "127.0.0.1:"}) {
    const auto server = Server::Start(context_.get_executor(), store_, address, {}, clock_, [](const std::string&) {});
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, Code::kInvalidArgument);
  }
  Serve();
  const auto taken = Server::Start(context_.get_executor(), store_, "127.0.0.1:" + std::to_string(server_->port()), {},
                                   clock_, [](const std::string&) {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace troupe::content::http
