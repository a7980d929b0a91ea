// SPDX-License-Identifier: Apache-2.0
// A real HTTP/1.1 server on 127.0.0.1 that can misbehave: wait, trickle, cut the connection, answer nonsense.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace normadd::test {

struct ServedRequest {
  std::string method, target;                  // target: path and query
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body = {};

  std::string path() const { return target.substr(0, target.find('?')); }
  /// Empty when it was not sent.
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

struct Answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  /// Before the first byte.
  double delay_s = 0;
  /// Trickle: the body in pieces of chunk_bytes with a pause after each; 0 = at once.
  std::size_t chunk_bytes = 0;
  double chunk_pause_s = 0;
  /// The connection ends after so many bytes of the body, whatever Content-Length promised.
  std::optional<std::size_t> cut_after = {};
  /// After these bytes nothing more comes, but the connection stays open until the client or the server goes.
  std::optional<std::size_t> hang_after = {};
  /// Without it the end of the connection is the end of the body.
  bool send_content_length = true;
  /// Sent as it is in place of everything above but delay_s.
  std::optional<std::string> raw = {};
};

/// One thread per connection, one request per connection. The handler runs on those threads.
class HttpServer {
 public:
  using Handler = std::function<Answer(const ServedRequest&)>;

  explicit HttpServer(Handler handler);
  /// Ends every connection, also those that wait.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  /// "http://127.0.0.1:PORT"
  std::string url() const;
  /// The same server under another host name: "http://localhost:PORT".
  std::string other_host_url() const;

  /// All so far, in the order in which they came.
  std::vector<ServedRequest> requests() const;
  std::size_t count(const std::string& path) const;

 private:
  void accept_connections();
  void serve(int connection);
  void send_answer(int connection, const ServedRequest& request, const Answer& answer);
  /// False when the server is being stopped.
  bool wait(double seconds);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::vector<int> connections_;
  std::vector<std::thread> workers_;
  std::vector<ServedRequest> requests_;
  std::thread acceptor_;
};

/// What a good file server answers: 200, or 206 and 416 for a Range that If-Range, when sent, agrees to. etag with its
/// quotes; empty = none.
Answer file_answer(const ServedRequest& request, const std::string& bytes, const std::string& etag = "");

/// A redirect to a URL or path.
Answer redirect_answer(int status, const std::string& location);

/// A port of this machine on which nobody listens.
int unused_port();

}  // namespace normadd::test
