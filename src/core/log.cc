// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::core {
namespace {

/// INFO, WARNING and ERROR, as Hydra's job logs have them.
class LevelInCapitals : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view name = message.level == spdlog::level::err    ? "ERROR"
                                  : message.level == spdlog::level::warn ? "WARNING"
                                                                         : "INFO";
    out.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<LevelInCapitals>(); }
};

/// Warnings say that they are.
class WarningPrefix : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view prefix = message.level == spdlog::level::warn ? "warning: " : "";
    out.append(prefix.data(), prefix.data() + prefix.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<WarningPrefix>(); }
};

struct Loggers {
  Loggers() : terminal(std::make_shared<spdlog::sinks::stderr_sink_mt>()), logger("normadd", terminal) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<WarningPrefix>('P').set_pattern("%P%v");
    terminal->set_formatter(std::move(formatter));
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
void log_warning(const std::string& text) { loggers().logger.warn(text); }
void set_quiet(bool quiet) { loggers().terminal->set_level(quiet ? spdlog::level::warn : spdlog::level::info); }

namespace {

std::unique_ptr<spdlog::pattern_formatter> job_log_format() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LevelInCapitals>('L').set_pattern("[%Y-%m-%d %H:%M:%S,%e][%n][%L] - %v");
  return formatter;
}

}  // namespace

LogFile::LogFile(const std::filesystem::path& path) {
  make_directories(path.parent_path());
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    sink->set_formatter(job_log_format());
    loggers().logger.sinks().push_back(sink);
  } catch (const spdlog::spdlog_ex& error) {
    throw OutputError(error.what(), path.string(), "Check that the directory is writable.");
  }
}

void LogFile::write_error(const std::string& text) const {
  const spdlog::details::log_msg message("normadd", spdlog::level::err, text);
  loggers().logger.sinks().back()->log(message);
  loggers().logger.sinks().back()->flush();
}

LogFile::~LogFile() { loggers().logger.sinks().pop_back(); }

struct LogCapture::State {
  std::ostringstream lines;
  spdlog::sink_ptr sink;
};

LogCapture::LogCapture() : state_(std::make_unique<State>()) {
  state_->sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(state_->lines);
  state_->sink->set_formatter(job_log_format());
  loggers().logger.sinks().push_back(state_->sink);
}

LogCapture::~LogCapture() { std::erase(loggers().logger.sinks(), state_->sink); }

std::string LogCapture::text() const { return state_->lines.str(); }

}  // namespace normadd::core
