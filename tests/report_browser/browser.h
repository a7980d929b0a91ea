// SPDX-License-Identifier: Apache-2.0
// A real Chromium without a window, driven by chromedriver over the WebDriver protocol.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/child_process.h"
#include "support/temporary_directory.h"

namespace normadd::test {

class Browser {
 public:
  /// What is missing on this machine; empty when a browser can be had.
  static std::string missing();

  /// Starts both; throws std::runtime_error when they do not answer.
  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Opens a page from disk and waits until it is loaded.
  void open(const std::filesystem::path& page);
  /// The value of "return ...;" in the page.
  nlohmann::json run(const std::string& script);
  bool is_true(const std::string& expression) { return run("return " + expression + ";") == true; }
  std::string text(const std::string& expression) { return run("return String(" + expression + ");"); }
  double number(const std::string& expression) { return run("return Number(" + expression + ");"); }

  /// Of the first element that a CSS selector finds. Keys as WebDriver writes them: kEnter, kRight, ...
  void click(const std::string& selector);
  void type(const std::string& selector, const std::string& keys);
  /// Keys to whatever has the focus.
  void press(const std::string& key);

  void set_size(int width, int height, bool is_phone = false);
  void set_dark(bool is_dark);
  /// Errors and warnings of its console since the last call, policy violations and missing files included.
  std::vector<std::string> complaints();
  void save_picture(const std::filesystem::path& png);

  static constexpr const char* kTab = "\xEE\x80\x84";
  static constexpr const char* kEnter = "\xEE\x80\x87";
  static constexpr const char* kLeft = "\xEE\x80\x92";
  static constexpr const char* kRight = "\xEE\x80\x94";
  static constexpr const char* kHome = "\xEE\x80\x91";
  static constexpr const char* kEnd = "\xEE\x80\x90";

 private:
  nlohmann::json call(const std::string& method, const std::string& path, const nlohmann::json& body);
  void command(const std::string& name, const nlohmann::json& parameters);
  std::string element(const std::string& selector);

  TemporaryDirectory directory_;  // the browser's profile
  std::string driver_, session_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace normadd::test
