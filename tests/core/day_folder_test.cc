// SPDX-License-Identifier: Apache-2.0
#include "core/day_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/child_process.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

namespace fs = std::filesystem;

std::tm november() {
  std::tm time{};
  time.tm_year = 2026 - 1900;
  time.tm_mon = 10;
  time.tm_mday = 5;
  return time;
}

TEST(DayFolder, IsTheDateBelowTheRoot) {
  const test::TemporaryDirectory directory;
  EXPECT_EQ(day_folder(directory.path(), november()), directory / "2026-11-05");
  EXPECT_FALSE(fs::exists(directory / "2026-11-05"));
  fs::create_directory(directory / "2026-11-05");
  EXPECT_EQ(day_folder(directory.path(), november()), directory / "2026-11-05");
}

TEST(DayFolder, OfAnotherPersonIsLeftToThem) {
  const test::TemporaryDirectory directory;
  const fs::path root = directory.path();
  fs::create_directory(root / "2026-11-05");
  ASSERT_EQ(::chmod(root.c_str(), 0777), 0);
  ASSERT_EQ(::chmod((root / "2026-11-05").c_str(), 0555), 0);
  test::ChildProcess other([&] {
    // Root may write everywhere.
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) return 2;
    const fs::path own = day_folder(root, november());
    if (own.parent_path() != root || !own.filename().string().starts_with("2026-11-05_")) return 3;
    return fs::create_directory(own) && day_folder(root, november()) == own ? 0 : 4;
  });
  EXPECT_EQ(other.wait(), 0);
  ASSERT_EQ(::chmod((root / "2026-11-05").c_str(), 0755), 0);
}

}  // namespace
}  // namespace normadd::core
