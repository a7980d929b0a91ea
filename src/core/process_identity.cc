// SPDX-License-Identifier: Apache-2.0
#include "core/process_identity.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/hashing.h"

namespace normadd::core {
namespace {

namespace fs = std::filesystem;

struct ProcessState {
  char state = 'X';
  std::uint64_t start = 0;
};

/// From /proc/PID/stat: the command in parentheses may hold anything, so that fields are counted from its end. Nothing
/// when it cannot be read, for whatever reason.
std::optional<ProcessState> state_of(int process) {
  std::ifstream stream(fmt::format("/proc/{}/stat", process));
  std::string text;
  if (!std::getline(stream, text)) return std::nullopt;
  const auto end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(end + 1));
  constexpr int kFieldsBeforeStart = 18;  // between the state (field 3) and the start time (field 22)
  ProcessState found;
  std::string ignored;
  fields >> found.state;
  for (int i = 0; i < kFieldsBeforeStart; ++i) fields >> ignored;
  if (!(fields >> found.start)) return std::nullopt;
  return found;
}

std::string first_line(const char* path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

ProcessIdentity find_own_identity() {
  ProcessIdentity identity;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) identity.host = name.data();
  std::error_code ignored;
  const std::string space = fs::read_symlink("/proc/self/ns/pid", ignored).string();
  const std::string boot = first_line("/proc/sys/kernel/random/boot_id");
  identity.machine = xxh128_hex(fmt::format("{} {}", boot.empty() ? identity.host : boot, space)).substr(0, 8);
  identity.process = ::getpid();
  if (const auto state = state_of(identity.process)) identity.start = state->start;
  return identity;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const auto end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

bool is_untouched_for_a_day(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return false;
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return now - status.st_mtime > 24 * 60 * 60;
}

}  // namespace

const ProcessIdentity& own_identity() {
  // A forked child is another process.
  static thread_local ProcessIdentity identity;
  if (identity.process != ::getpid()) identity = find_own_identity();
  return identity;
}

bool is_on_this_machine(const ProcessIdentity& identity) { return identity.machine == own_identity().machine; }

bool is_known_dead(const ProcessIdentity& identity) {
  if (!is_on_this_machine(identity)) return false;
  if (::kill(identity.process, 0) != 0 && errno == ESRCH) return true;
  const auto state = state_of(identity.process);
  // Unreadable says nothing: /proc may be hidden, or this process out of file descriptors.
  return state && (state->start != identity.start || state->state == 'Z' || state->state == 'X');
}

std::string private_name(const std::string& base) {
  static std::atomic<std::uint64_t> number{0};
  const ProcessIdentity& self = own_identity();
  // A name has at most 255 bytes; the beginning of a long one tells people enough.
  constexpr std::size_t kLongestBase = 160;
  std::size_t length = std::min(base.size(), kLongestBase);
  while (length < base.size() && length > 0 && (static_cast<unsigned char>(base[length]) & 0xC0) == 0x80) --length;
  return fmt::format(".{}.{}-{}-{}-{}.tmp", base.substr(0, length), self.machine, self.process, self.start, number++);
}

std::optional<ProcessIdentity> owner_of_private_name(const std::string& name) {
  constexpr std::string_view kEnding = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(kEnding)) return std::nullopt;
  const std::string_view body = std::string_view(name).substr(0, name.size() - kEnding.size());
  const auto dot = body.rfind('.');
  const auto parts = split(body.substr(dot + 1), '-');
  constexpr std::size_t kParts = 4, kMachineLength = 8;
  ProcessIdentity identity;
  std::uint64_t number = 0;
  if (dot == 0 || parts.size() != kParts || parts[0].size() != kMachineLength ||
      !read_number(parts[1], identity.process) || !read_number(parts[2], identity.start) ||
      !read_number(parts[3], number)) {
    return std::nullopt;
  }
  identity.machine = parts[0];
  return identity;
}

std::size_t remove_leftovers(const fs::path& folder) {
  std::size_t num_removed = 0;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto owner = owner_of_private_name(entry->path().filename().string());
    if (!owner) continue;
    const bool is_left = is_on_this_machine(*owner) ? is_known_dead(*owner) : is_untouched_for_a_day(entry->path());
    std::error_code ignored;
    if (is_left && fs::remove_all(entry->path(), ignored) > 0 && !ignored) ++num_removed;
  }
  return num_removed;
}

}  // namespace normadd::core
