// SPDX-License-Identifier: Apache-2.0
#include "core/rooted_path.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

TEST(PathBelow, KeepsPathsBelowTheRoot) {
  test::TemporaryDirectory directory;
  const auto root = std::filesystem::canonical(directory.path()) / "root";
  make_directories(root / "sub");
  EXPECT_EQ(path_below(root, "a/b.png"), root / "a/b.png");
  EXPECT_EQ(path_below(root, "sub/../a"), root / "a");
  EXPECT_EQ(path_below(root / "", "a"), root / "a");
  EXPECT_EQ(path_below(root.parent_path() / "not_yet" / "", "a"), root.parent_path() / "not_yet/a");
}

TEST(PathBelow, RefusesWaysOut) {
  test::TemporaryDirectory directory;
  const auto root = directory / "root";
  make_directories(root);
  make_directories(directory / "root_of_another");
  for (const char* path : {"../x", "a/../../x", "/etc/passwd", "..", "../root_of_another/x"}) {
    test::expect_error<DataError>([&] { path_below(root, path); }, {path, "outside its root"});
  }
  std::filesystem::create_directory_symlink("/etc", root / "link");
  test::expect_error<DataError>([&] { path_below(root, "link/passwd"); }, {"link/passwd"});
  std::filesystem::create_directory_symlink(root, root / "self");
  EXPECT_EQ(path_below(root, "self/a"), std::filesystem::canonical(root) / "a");
}

}  // namespace
}  // namespace normadd::core
