// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::core {
namespace {

struct Loggers {
  Loggers() : terminal(std::make_shared<spdlog::sinks::stderr_sink_mt>()), logger("normadd", terminal) {
    terminal->set_pattern("%v");
    logger.flush_on(spdlog::level::info);
  }
  std::shared_ptr<spdlog::sinks::stderr_sink_mt> terminal;
  spdlog::logger logger;
};

Loggers& loggers() {
  static Loggers instance;
  return instance;
}

}  // namespace

void log_info(const std::string& text) { loggers().logger.info(text); }
void log_warning(const std::string& text) { loggers().logger.warn("warning: " + text); }
void set_quiet(bool quiet) { loggers().terminal->set_level(quiet ? spdlog::level::warn : spdlog::level::info); }

LogFile::LogFile(const std::filesystem::path& path) {
  make_directories(path.parent_path());
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    sink->set_pattern("[%Y-%m-%d %H:%M:%S,%e][%n][%l] - %v");
    loggers().logger.sinks().push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    throw OutputError(error.what(), path.string(), "Check that the directory is writable.");
  }
}

LogFile::~LogFile() { loggers().logger.sinks().pop_back(); }

}  // namespace normadd::core
