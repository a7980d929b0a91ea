// SPDX-License-Identifier: Apache-2.0
// What users get told when a composition is wrong, and where we go beyond Hydra.
#include <gtest/gtest.h>

#include <algorithm>

#include "config/compose.h"
#include "config/config_files.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::config {
namespace {

using core::ConfigError;

class Composition : public ::testing::Test {
 protected:
  Composition() {
    write("config.yaml",
          "defaults:\n  - detector: patchcore\n  - app/db: sqlite\n  - experiment: null\n  - _self_\nseed: 0\nlist: "
          "[1, 2]\n");
    write("detector/patchcore.yaml", "name: patchcore\nratio: 0.1\n");
    write("detector/padim.yaml", "name: padim\n");
    write("app/db/sqlite.yaml", "path: x\n");
    write("app/db/mysql.yaml", "host: h\n");
    write("experiment/paper/table1.yaml", "# @package _global_\ndefaults:\n  - override /detector: padim\nextra: 1\n");
  }

  void write(const std::string& name, const std::string& text) { core::write_file_atomically(directory_ / name, text); }

  ComposedConfig composed(const std::vector<std::string>& overrides, const std::string& name = "config") {
    return compose({{directory_.path()}, name, overrides});
  }

  void expect_refused(const std::vector<std::string>& overrides, const std::vector<std::string>& mentions) {
    SCOPED_TRACE(overrides.empty() ? "" : overrides[0]);
    test::expect_error<ConfigError>([&] { composed(overrides); }, mentions);
  }

  test::TemporaryDirectory directory_;
};

TEST_F(Composition, RemembersChoicesOverridesAndPlaces) {
  const auto result = composed({"experiment=paper/table1", "seed=3"});
  EXPECT_EQ(result.overrides.size(), 2u);
  using Choices = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(result.choices, (Choices{{"detector", "padim"}, {"app/db", "sqlite"}, {"experiment", "paper/table1"}}));
  EXPECT_EQ(result.config.find_path("detector.name")->as_string(), "padim");
  EXPECT_EQ(result.config.find("extra")->as_integer(), 1);
  EXPECT_EQ(source_text(result.config.find("seed")->source), "command line");
  EXPECT_NE(source_text(result.config.find_path("detector.name")->source).find("detector/padim.yaml:1"),
            std::string::npos);
}

TEST_F(Composition, OptionsInFoldersArePlacedThere) {
  write("nested.yaml", "defaults:\n  - app: db/mysql\n");
  EXPECT_EQ(composed({}, "nested").config.find_path("app.db.host")->as_string(), "h");
}

TEST_F(Composition, EarlierSearchPathWins) {
  test::TemporaryDirectory own;
  core::write_file_atomically(own / "detector/patchcore.yaml", "name: mine\n");
  const auto result = compose({{own.path(), directory_.path()}, "config", {}});
  EXPECT_EQ(result.config.find_path("detector.name")->as_string(), "mine");
}

TEST_F(Composition, UnknownGroupsOptionsAndKeysNameTheNearest) {
  expect_refused({"detector=padin"}, {"'detector' has no option 'padin'", "Did you mean 'padim'?"});
  expect_refused({"experiment=paper/tabel1"}, {"Did you mean 'paper/table1'?"});
  expect_refused({"app/dp=mysql"}, {"no config group 'app/dp'", "Did you mean 'app/db'?"});
  expect_refused({"sede=1"}, {"no key 'sede'", "Did you mean 'seed'?", "+sede=1"});
  expect_refused({"detector.ratoi=1"}, {"Did you mean 'detector.ratio'?"});
  expect_refused({"ratio=1"}, {"no key 'ratio'"});
  expect_refused({"app/db@backup=mysql"}, {"+app/db@backup=mysql"});
  test::expect_error<ConfigError>([&] { composed({}, "confg"); }, {"no config 'confg'", "Did you mean 'config'?"});
}

TEST_F(Composition, DotInsteadOfSlashIsRecognised) {
  expect_refused({"app.db=mysql"}, {"app.db is a map", "Did you mean app/db=mysql?"});
  expect_refused({"app.db=msql"}, {"Did you mean app/db=OPTION?"});
}

TEST_F(Composition, MapsAndScalarsDoNotReplaceEachOther) {
  write("node.yaml", "node: {x: 1}\n");
  test::expect_error<ConfigError>([&] { composed({"node=3"}, "node"); },
                                  {"node is a map", "node.yaml:1", "cannot be replaced by 3", "node.x=3"});
  expect_refused({"seed={a: 1}"}, {"seed is an integer"});
  write("bad.yaml", "defaults:\n  - config\ndetector: 5\n");
  test::expect_error<ConfigError>([&] { composed({}, "bad"); },
                                  {"bad.yaml:3", "detector is a map", "patchcore.yaml:1"});
  // Turning a part off is allowed.
  EXPECT_TRUE(composed({"node=null"}, "node").config.find("node")->is_null());
}

TEST_F(Composition, AddingAndDeleting) {
  expect_refused({"+seed=1"}, {"'seed' already", "seed=1"});
  expect_refused({"+seed.x=1"}, {"'seed' is an integer"});
  expect_refused({"+experiment=paper/table1"}, {"'experiment' stands twice", "experiment=paper/table1"});
  expect_refused({"++detector=padim"}, {"config group"});
  expect_refused({"~sede"}, {"Did you mean 'seed'?"});
  expect_refused({"~seed=9"}, {"'seed' is 0, not 9"});
  expect_refused({"~detector=padim"}, {"deletes nothing"});
}

TEST_F(Composition, ListElements) {
  EXPECT_EQ(*composed({"list.1=9", "list+=3", "list+=[4,5]"}).config.find("list"), Value(List{1, 9, 3, 4, 5}));
  expect_refused({"list.2=1"}, {"'list' has 2 elements", "list+=VALUE"});
  expect_refused({"seed+=1"}, {"appends to lists only"});
  EXPECT_EQ(*composed({"~list.0"}).config.find("list"), Value(List{2}));
}

TEST_F(Composition, EmptyKeyIsTheWholeConfiguration) {
  const auto result = composed({"++={seed: 5, fresh: {x: 6}}"});
  EXPECT_EQ(*result.config.find("seed"), Value(5));
  EXPECT_EQ(*result.config.find_path("fresh.x"), Value(6));
  EXPECT_NE(result.config.find("detector"), nullptr);
}

TEST_F(Composition, SweepsAreNamedAsSuch) {
  expect_refused({"seed=1,2"}, {"sweep", "-m"});
  expect_refused({"detector=padim,patchcore"}, {"sweep", "-m"});
  expect_refused({"detector=glob(*)"}, {"glob(*)", "-m", "-m"});
}

TEST_F(Composition, NamesStayInsideTheSearchPath) {
  expect_refused({"detector=../secret"}, {"'../secret' is not a config name"});
  expect_refused({"detector='..\\\\x'"}, {"not a config name"});
  expect_refused({"detector=padim.yaml"}, {"file ending"});
  test::expect_error<ConfigError>([&] { composed({}, "../config"); }, {"not a config name"});
  test::expect_error<ConfigError>([&] { composed({}, "/etc/passwd"); }, {"not a config name"});
  test::expect_error<ConfigError>([&] { compose({{"/no/such/folder"}, "config", {}}); }, {"/no/such/folder"});
}

TEST_F(Composition, BadDefaultsListsNameTheirLine) {
  const auto refused = [&](const std::string& text, const std::vector<std::string>& mentions) {
    write("bad.yaml", text);
    test::expect_error<ConfigError>([&] { composed({}, "bad"); }, mentions);
  };
  refused("defaults: 3\n", {"bad.yaml:1", "must be a list"});
  refused("defaults:\n  - _self_\n  - _self_\n", {"bad.yaml:3", "twice"});
  refused("defaults:\n  - override detector: padim\n  - app/db: mysql\n", {"bad.yaml:3", "end of the list"});
  refused("defaults:\n  - detector: padim\n    app/db: mysql\n", {"bad.yaml:2"});
  refused("defaults:\n  - detector: 1.5\n", {"bad.yaml:2", "must be a name"});
  refused("defaults:\n  - detector: ???\n", {"needs a choice", "padim, patchcore"});
  refused("defaults:\n  - detectr: padim\n", {"bad.yaml:2", "Did you mean 'detector'?"});
  refused("defaults:\n  - detector: padim\n  - detector: patchcore\n", {"stands twice", "override /detector"});
  refused("defaults:\n  - detector@a..b: padim\n", {"not a package"});
  refused("defaults:\n  - mandatory detector: padim\n", {"keyword 'mandatory'"});
  refused("defaults:\n  - bad\n", {"circle", "bad -> bad"});
  refused("- 1\n- 2\n", {"must hold a map"});
}

TEST_F(Composition, OverrideBeforeItsGroupSaysToMoveIt) {
  write("early.yaml", "defaults:\n  - experiment: paper/table1\n  - detector: patchcore\n");
  test::expect_error<ConfigError>([&] { composed({}, "early"); }, {"table1.yaml:3", "list that file later"});
}

TEST_F(Composition, WithoutAKeyOnlyKeysOfTheWholeAreTaken) {
  for (const char* text : {"~=x", "~={seed: 0}", "=null", "++=null", "+=[1]", "=1"}) expect_refused({text}, {text});
  EXPECT_EQ(composed({"={seed: 4}"}).config.find("seed")->as_integer(), 4);
}

TEST_F(Composition, ChoicesCannotLeadOutOfTheConfigsEither) {
  write("outside.yaml", "secret: 1\n");
  write("inside/config.yaml", "defaults:\n  - detector: patchcore\n  - other: null\n");
  write("inside/detector/patchcore.yaml", "name: x\n");
  write("inside/other/a.yaml", "b: 1\n");
  for (const char* text : {"other=../../outside", "other=../${detector}", "other=../../${detector}/x"}) {
    SCOPED_TRACE(text);
    test::expect_error<ConfigError>(
        [&] {
          compose({{directory_ / "inside"}, "config", {text}});
        },
        {"is not a config name"});
  }
}

TEST_F(Composition, ALinkedFolderIsAGroupAndACircleOfLinksEnds) {
  write("elsewhere/b.yaml", "x: 1\n");
  std::filesystem::create_directories(directory_ / "configs/detector");
  std::filesystem::create_directory_symlink(directory_ / "elsewhere", directory_ / "configs/study");
  std::filesystem::create_directory_symlink("..", directory_ / "configs/detector/back");
  const ConfigFiles files({directory_ / "configs"});
  EXPECT_EQ(files.options("study"), (std::vector<std::string>{"b"}));
  const auto groups = files.groups();
  EXPECT_NE(std::find(groups.begin(), groups.end(), "study"), groups.end());
}

TEST_F(Composition, ABrokenLinkAmongTheOptionsHidesNone) {
  std::filesystem::create_symlink("loop.yaml", directory_ / "detector/loop.yaml");
  expect_refused({"detector=padm"}, {"padm", "padim"});
}

}  // namespace
}  // namespace normadd::config
