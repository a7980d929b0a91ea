// SPDX-License-Identifier: Apache-2.0
#include "report_browser/browser.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "core/atomic_file.h"
#include "http/client.h"
#include "support/http_server.h"

namespace normadd::test {
namespace {

using nlohmann::json;

std::string program(const std::vector<std::string>& names) {
  const char* path = std::getenv("PATH");
  for (const auto& name : names) {
    std::istringstream folders(path != nullptr ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
      if (::access((folder + "/" + name).c_str(), X_OK) == 0) return folder + "/" + name;
    }
  }
  return "";
}

std::string driver_program() { return program({"chromedriver"}); }
std::string browser_program() { return program({"chromium", "chromium-browser", "google-chrome", "chrome"}); }

constexpr const char* kElement = "element-6066-11e4-a52e-4f735466cecf";  // as the standard names an element's id

/// Letters of base64 to bytes.
std::string decoded(const std::string& text) {
  static const std::string kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto value = kLetters.find(c);
    if (value == std::string::npos) continue;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

int start_driver(const std::string& program_file, int port, const std::string& folder) {
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2}) ::dup2(nothing, descriptor);
  ::setenv("TMPDIR", folder.c_str(), 1);
  const std::string flag = fmt::format("--port={}", port);
  ::execl(program_file.c_str(), program_file.c_str(), flag.c_str(), static_cast<char*>(nullptr));
  return 127;
}

}  // namespace

std::string Browser::missing() {
  if (driver_program().empty()) return "there is no chromedriver in PATH";
  return browser_program().empty() ? "there is no Chromium in PATH" : "";
}

Browser::Browser() {
  const int port = unused_port();
  driver_ = fmt::format("http://127.0.0.1:{}", port);
  process_ =
      std::make_unique<ChildProcess>([&] { return start_driver(driver_program(), port, directory_.path().string()); });
  json arguments{"--headless",
                 "--no-sandbox",
                 "--disable-gpu",
                 "--disable-quic",
                 "--no-first-run",
                 "--disable-background-networking",
                 "--disable-sync",
                 "--disable-component-update",
                 "--disable-dev-shm-usage",
                 "--user-data-dir=" + (directory_ / "profile").string()};
  const json capabilities{{"browserName", "chrome"},
                          {"goog:chromeOptions", {{"binary", browser_program()}, {"args", arguments}}},
                          {"goog:loggingPrefs", {{"browser", "ALL"}}}};
  for (int attempt = 0;; ++attempt) {
    try {
      session_ = call("POST", "/session", {{"capabilities", {{"alwaysMatch", capabilities}}}}).at("sessionId");
      return;
    } catch (const http::Unreachable&) {
      if (attempt == 600) throw std::runtime_error("chromedriver does not answer");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

Browser::~Browser() {
  try {
    if (!session_.empty()) http::send({.method = "DELETE", .url = driver_ + "/session/" + session_});
  } catch (const std::exception&) {
    // The driver is ended anyway.
  }
}

json Browser::call(const std::string& method, const std::string& path, const json& body) {
  const std::string url = driver_ + (session_.empty() ? path : "/session/" + session_ + path);
  const http::Response response = http::send({.method = method,
                                              .url = url,
                                              .headers = {{"Content-Type", "application/json"}},
                                              .body = method == "GET" ? "" : body.dump(),
                                              .timeout_s = 300,
                                              .stall_timeout_s = 300});
  const json answer = json::parse(response.body, nullptr, false);
  if (response.status != 200 || !answer.contains("value")) {
    throw std::runtime_error(fmt::format("WebDriver: {} {}: {}", method, path, response.body.substr(0, 500)));
  }
  return answer.at("value");
}

void Browser::open(const std::filesystem::path& page) { call("POST", "/url", {{"url", "file://" + page.string()}}); }

json Browser::run(const std::string& script) {
  return call("POST", "/execute/sync", {{"script", script}, {"args", json::array()}});
}

std::string Browser::element(const std::string& selector) {
  return call("POST", "/element", {{"using", "css selector"}, {"value", selector}}).at(kElement);
}

void Browser::click(const std::string& selector) {
  call("POST", "/element/" + element(selector) + "/click", json::object());
}

void Browser::type(const std::string& selector, const std::string& keys) {
  call("POST", "/element/" + element(selector) + "/value", {{"text", keys}});
}

void Browser::press(const std::string& key) {
  const json down{{"type", "keyDown"}, {"value", key}}, up{{"type", "keyUp"}, {"value", key}};
  const json keyboard{{"type", "key"}, {"id", "keyboard"}, {"actions", json::array({down, up})}};
  call("POST", "/actions", {{"actions", json::array({keyboard})}});
}

void Browser::command(const std::string& name, const json& parameters) {
  call("POST", "/goog/cdp/execute", {{"cmd", name}, {"params", parameters}});
}

void Browser::set_size(int width, int height, bool is_phone) {
  command("Emulation.setDeviceMetricsOverride",
          {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", is_phone}});
}

void Browser::set_dark(bool is_dark) {
  const json scheme{{"name", "prefers-color-scheme"}, {"value", is_dark ? "dark" : "light"}};
  command("Emulation.setEmulatedMedia", {{"features", json::array({scheme})}});
}

std::vector<std::string> Browser::complaints() {
  std::vector<std::string> texts;
  for (const auto& entry : call("POST", "/se/log", {{"type", "browser"}})) {
    texts.push_back(entry.at("level").get<std::string>() + ": " + entry.at("message").get<std::string>());
  }
  return texts;
}

void Browser::save_picture(const std::filesystem::path& png) {
  core::write_file_atomically(png, decoded(call("GET", "/screenshot", json::object())));
}

}  // namespace normadd::test
