#include "tests/bench/content/http_calls.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

namespace troupe::bench {
namespace {

class HttpConnection {
 public:
  explicit HttpConnection(int file) : file_(file) {}
  ~HttpConnection() { ::close(file_); }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  Status Call(const std::string& request, size_t body_bytes) {
    if (::send(file_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
      return Unavailable("an HTTP request could not be sent");
    }
    std::array<char, 16 << 10> bytes;
    size_t filled = 0;
    for (;;) {
      const ssize_t count = ::recv(file_, bytes.data() + filled, bytes.size() - filled, 0);
      if (count <= 0) return Unavailable("an HTTP answer ended early");
      filled += static_cast<size_t>(count);
      const std::string_view answer(bytes.data(), filled);
      const size_t head = answer.find("\r\n\r\n");
      if (head == answer.npos || filled < head + 4 + body_bytes) continue;
      if (!answer.starts_with("HTTP/1.1 200 "))
        return Internal("an HTTP answer: " + std::string(answer.substr(0, 200)));
      return filled == head + 4 + body_bytes ? Status() : Internal("an HTTP answer has another length");
    }
  }

 private:
  const int file_;
};

}  // namespace

MakeCall HttpCalls(int port, const std::string& request, size_t body_bytes) {
  return [=]() -> Result<Call> {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto connection = std::make_shared<HttpConnection>(file);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    const int on = 1;
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return Unavailable("nobody answers at port " + std::to_string(port));
    }
    return Call([connection, request, body_bytes] { return connection->Call(request, body_bytes); });
  };
}

}  // namespace troupe::bench
