// SPDX-License-Identifier: Apache-2.0
#include "support/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <chrono>
#include <sstream>
#include <stdexcept>

namespace normadd::test {
namespace {

/// Bound to a free port of 127.0.0.1.
int bound_socket(int& port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (descriptor < 0 || ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the test server got no port");
  }
  port = ntohs(address.sin_port);
  return descriptor;
}

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// False when the client went away before its request was whole.
bool read_request(int connection, ServedRequest& request) {
  std::string text;
  const auto more = [&] {
    char block[65536];
    const ssize_t received = ::recv(connection, block, sizeof(block), 0);
    if (received > 0) text.append(block, static_cast<std::size_t>(received));
    return received > 0;
  };
  std::size_t end = 0;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return false;
    // A client that wants to speak TLS.
    if (static_cast<unsigned char>(text[0]) < ' ') {
      send_all(connection, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      return false;
    }
  }
  std::istringstream head(text.substr(0, end));
  std::string line;
  std::getline(head, line);
  std::istringstream(line) >> request.method >> request.target;
  while (std::getline(head, line)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    request.headers[boost::algorithm::to_lower_copy(line.substr(0, colon))] =
        boost::algorithm::trim_copy(line.substr(colon + 1));
  }
  const std::string length = request.header("content-length");
  const std::size_t body_bytes = length.empty() ? 0 : std::stoull(length);
  while (text.size() < end + 4 + body_bytes) {
    if (!more()) return false;
  }
  request.body = text.substr(end + 4, body_bytes);
  return true;
}

}  // namespace

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = bound_socket(port_);
  if (::listen(listener_, 64) != 0) throw std::runtime_error("the test server cannot listen");
  acceptor_ = std::thread([this] { accept_connections(); });
}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
  }
  stopped_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& worker : workers_) worker.join();
  for (const int connection : connections_) ::close(connection);
  ::close(listener_);
}

std::string HttpServer::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

std::string HttpServer::other_host_url() const { return fmt::format("http://localhost:{}", port_); }

std::vector<ServedRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t HttpServer::count(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(),
                                                [&](const ServedRequest& request) { return request.path() == path; }));
}

void HttpServer::accept_connections() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const std::lock_guard lock(mutex_);
    connections_.push_back(connection);
    if (stopping_) return;
    workers_.emplace_back([this, connection] { serve(connection); });
  }
}

void HttpServer::serve(int connection) {
  ServedRequest request;
  if (read_request(connection, request)) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    send_answer(connection, request, handler_(request));
  }
  ::shutdown(connection, SHUT_RDWR);
}

bool HttpServer::wait(double seconds) {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return stopping_; });
}

void HttpServer::send_answer(int connection, const ServedRequest& request, const Answer& answer) {
  if (answer.delay_s > 0 && !wait(answer.delay_s)) return;
  if (answer.raw) {
    send_all(connection, *answer.raw);
    return;
  }
  std::string head = fmt::format("HTTP/1.1 {} Status\r\nConnection: close\r\n", answer.status);
  for (const auto& [name, value] : answer.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (answer.send_content_length) head += fmt::format("Content-Length: {}\r\n", answer.body.size());
  if (!send_all(connection, head + "\r\n") || request.method == "HEAD") return;
  const std::size_t end = std::min({answer.body.size(), answer.cut_after.value_or(answer.body.size()),
                                    answer.hang_after.value_or(answer.body.size())});
  const std::size_t piece = answer.chunk_bytes > 0 ? answer.chunk_bytes : std::max<std::size_t>(end, 1);
  for (std::size_t begin = 0; begin < end; begin += piece) {
    if (!send_all(connection, std::string_view(answer.body).substr(begin, std::min(piece, end - begin)))) return;
    if (answer.chunk_pause_s > 0 && !wait(answer.chunk_pause_s)) return;
  }
  if (answer.hang_after) {
    char ignored = 0;
    while (::recv(connection, &ignored, 1, 0) > 0) continue;
  }
}

Answer file_answer(const ServedRequest& request, const std::string& bytes, const std::string& etag) {
  Answer answer;
  answer.headers.emplace_back("Accept-Ranges", "bytes");
  if (!etag.empty()) answer.headers.emplace_back("ETag", etag);
  const std::string range = request.header("range"), condition = request.header("if-range");
  if (!range.starts_with("bytes=") || (!condition.empty() && condition != etag)) {
    answer.body = bytes;
    return answer;
  }
  const std::size_t begin = std::stoull(range.substr(6));
  if (begin >= bytes.size()) {
    answer.status = 416;
    answer.headers.emplace_back("Content-Range", fmt::format("bytes */{}", bytes.size()));
    return answer;
  }
  answer.status = 206;
  answer.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", begin, bytes.size() - 1, bytes.size()));
  answer.body = bytes.substr(begin);
  return answer;
}

Answer redirect_answer(int status, const std::string& location) {
  Answer answer;
  answer.status = status;
  answer.headers.emplace_back("Location", location);
  return answer;
}

int unused_port() {
  int port = 0;
  ::close(bound_socket(port));
  return port;
}

}  // namespace normadd::test
