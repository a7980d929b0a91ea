// SPDX-License-Identifier: Apache-2.0
// The flight of rooms, held against the sources: who includes whom, and that no test file is forgotten.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kSource = NORMADD_SOURCE_DIR;

// docs/architecture.md, section "Rooms".
const std::map<std::string, std::set<std::string>> kMayUse{
    {"core", {}},
    {"http", {"core"}},
    {"stages", {"core"}},
    {"config", {"core"}},
    {"metrics", {"core"}},
    {"imaging", {"core"}},
    {"networks", {"core", "config", "imaging"}},
    {"weights", {"core", "http", "config", "imaging", "networks"}},
    {"datasets", {"core", "config", "imaging"}},
    {"detectors", {"core", "config", "imaging", "networks"}},
    {"normality", {"core", "config", "http", "imaging", "networks", "detectors"}},
    {"training", {"core", "config", "imaging", "networks", "datasets", "normality"}},
    {"reporting", {"core", "config", "metrics", "imaging"}},
    {"exports", {"core", "http", "config", "metrics", "reporting"}},
    {"experiment",
     {"core", "http", "stages", "config", "metrics", "imaging", "networks", "weights", "datasets", "detectors",
      "normality", "training", "reporting"}},
    {"sweeps", {"core", "stages", "config", "experiment", "reporting"}},
};

std::string text_of(const fs::path& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<fs::path> files_below(const fs::path& folder, const std::set<std::string>& extensions) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && extensions.contains(entry.path().extension().string()))
      files.push_back(entry.path());
  }
  return files;
}

TEST(Rooms, EveryFolderIsAKnownRoom) {
  for (const auto& entry : fs::directory_iterator(kSource / "src")) {
    if (entry.is_directory()) {
      EXPECT_TRUE(kMayUse.contains(entry.path().filename().string())) << entry.path();
    }
  }
}

TEST(Rooms, IncludeOnlyRoomsAbove) {
  const std::regex include(R"re(#include "([a-z]+)/)re");
  std::size_t num_includes = 0;
  for (const auto& path : files_below(kSource / "src", {".h", ".cc"})) {
    const std::string room = fs::relative(path, kSource / "src").begin()->string();
    const std::string text = text_of(path);
    for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end; ++match) {
      const std::string used = (*match)[1];
      ++num_includes;
      EXPECT_TRUE(used == room || kMayUse.at(room).contains(used)) << path << " includes " << used;
    }
  }
  EXPECT_GT(num_includes, 50u);
}

TEST(Rooms, CoreHttpConfigAndMetricsKnowNeitherTensorsNorPictures) {
  for (const std::string room : {"core", "http", "config", "metrics"}) {
    for (const auto& path : files_below(kSource / "src" / room, {".h", ".cc"})) {
      const std::string text = text_of(path);
      EXPECT_EQ(text.find("#include <ATen"), std::string::npos) << path;
      EXPECT_EQ(text.find("#include <torch"), std::string::npos) << path;
      EXPECT_EQ(text.find("#include <opencv2"), std::string::npos) << path;
    }
  }
}

TEST(Rooms, HeadersStayLight) {
  for (const auto& path : files_below(kSource / "src", {".h"})) {
    const std::string text = text_of(path);
    for (const char* heavy : {"#include <torch/torch.h>", "#include <torch/all.h>", "#include <ATen/ATen.h>",
                              "#include <opencv2/", "#include <nlohmann/json.hpp>", "#include <yaml-cpp/"}) {
      EXPECT_EQ(text.find(heavy), std::string::npos) << path << " has " << heavy;
    }
  }
}

TEST(Rooms, EveryFileStartsWithItsLicence) {
  for (const char* folder : {"src", "tools", "tests"}) {
    for (const auto& path : files_below(kSource / folder, {".h", ".cc"})) {
      EXPECT_EQ(text_of(path).rfind("// SPDX-License-Identifier: Apache-2.0", 0), 0u) << path;
    }
  }
}

TEST(Documents, HaveNoPlaceholdersLeft) {
  const std::regex placeholder("@[A-Z_]+@");
  std::vector<fs::path> documents = files_below(kSource / "docs", {".md"});
  for (const char* name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}) documents.push_back(kSource / name);
  for (const auto& path : documents) EXPECT_FALSE(std::regex_search(text_of(path), placeholder)) << path;
}

TEST(Documents, LinkOnlyToWhatExists) {
  const std::regex link(R"re(\]\(([^)#:]+)\))re");
  std::vector<fs::path> documents = files_below(kSource / "docs", {".md"});
  for (const char* name : {"README.md", "CONTRIBUTING.md", "data/prompts/README.md"})
    documents.push_back(kSource / name);
  std::size_t num_links = 0;
  for (const auto& path : documents) {
    const std::string text = text_of(path);
    for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match, ++num_links) {
      EXPECT_TRUE(fs::exists(path.parent_path() / (*match)[1].str())) << path << " links to " << (*match)[1];
    }
  }
  EXPECT_GT(num_links, 5u);
}

TEST(Rooms, EveryTestFileIsBuilt) {
  for (const auto& path : files_below(kSource / "tests", {".cc"})) {
    const std::string name = path.filename().string();
    if (!name.ends_with("_test.cc")) continue;
    const std::string lists = text_of(path.parent_path() / "CMakeLists.txt");
    EXPECT_NE(lists.find(name), std::string::npos) << path << " is in no CMakeLists.txt";
  }
}

}  // namespace
