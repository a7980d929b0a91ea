// SPDX-License-Identifier: Apache-2.0
// Which process of which machine: so that what a killed one left behind can be told from what a living one holds, and
// names that no other process gives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace normadd::core {

struct ProcessIdentity {
  std::string host;     // for people
  std::string machine;  // 8 hex characters: this boot of the system, and the process namespace
  int process = 0;
  std::uint64_t start = 0;  // start time in clock ticks since boot: process numbers are used again
};

const ProcessIdentity& own_identity();

/// True when the process ran on this machine and is gone (or a zombie); false when it lives, or cannot be asked since
/// it runs elsewhere.
bool is_known_dead(const ProcessIdentity& identity);

/// Whether the identity belongs to this machine, so that is_known_dead says all.
bool is_on_this_machine(const ProcessIdentity& identity);

/// ".BASE.MACHINE-PROCESS-START-NUMBER.tmp": a name for a file or folder that only this process will ever use.
std::string private_name(const std::string& base);
/// Who made such a name; nothing for other names.
std::optional<ProcessIdentity> owner_of_private_name(const std::string& name);

/// Removes files and folders with private names, directly in the folder, whose owner is dead, or ran on another machine
/// and has not touched them for a day. Returns how many. Missing folders and vanishing files are no errors.
std::size_t remove_leftovers(const std::filesystem::path& folder);

}  // namespace normadd::core
