// SPDX-License-Identifier: Apache-2.0
#include "core/day_folder.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace normadd::core {
namespace {

bool is_closed_to_us(const std::filesystem::path& folder) {
  return ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0 && errno == EACCES;
}

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr && entry->pw_name != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

}  // namespace

std::tm local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm time{};
  ::localtime_r(&now, &time);
  return time;
}

std::filesystem::path day_folder(const std::filesystem::path& root, const std::tm& time) {
  const auto day = root / fmt::format("{:%Y-%m-%d}", time);
  return is_closed_to_us(day) ? std::filesystem::path(day.string() + "_" + user_name()) : day;
}

}  // namespace normadd::core
