// SPDX-License-Identifier: Apache-2.0
// Results are sorted by days: ROOT/2026-11-25/…
#pragma once

#include <ctime>
#include <filesystem>

namespace normadd::core {

std::tm local_time();

/// ROOT/DATE; nothing is made. Where several people share ROOT and another's folder of that day does not let us write,
/// it is ROOT/DATE_USER.
std::filesystem::path day_folder(const std::filesystem::path& root, const std::tm& time);

}  // namespace normadd::core
