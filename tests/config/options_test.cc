// SPDX-License-Identifier: Apache-2.0
#include "config/options.h"

#include <gtest/gtest.h>

#include "config/compose.h"
#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::config {
namespace {

using core::ConfigError;

struct CoresetOptions {
  double ratio = 0.1;
  int neighbours = 9;
  std::int64_t seed = 0;
  bool exact = true;
  std::string metric = "l2";
  std::string root;
  std::optional<int> limit;
  std::optional<double> cap = 2.5;
  std::optional<std::string> note;
  std::optional<bool> squared;
  std::vector<std::string> layers = {"layer2", "layer3"};
  std::vector<int> sizes;
  std::vector<double> weights;
  MapEntries extra;

  void describe(Options& o) {
    o.field("ratio", ratio).help("share of the patches kept").above(0).range(0, 1);
    o.field("neighbours", neighbours).at_least(1);
    o.field("seed", seed);
    o.field("exact", exact);
    o.field("metric", metric).one_of({"l2", "cosine"});
    o.field("root", root).required().help("folder of the dataset");
    o.field("limit", limit).range(1, 100).unit("images");
    o.field("cap", cap);
    o.field("note", note);
    o.field("squared", squared);
    o.field("layers", layers).one_of({"layer1", "layer2", "layer3"});
    o.field("sizes", sizes).at_least(8);
    o.field("weights", weights);
    o.field("extra", extra);
  }
};

CoresetOptions read(const std::string& yaml) {
  return read_options<CoresetOptions>(parse_yaml("root: /data\n" + yaml, "detector.yaml"), "detector");
}

TEST(Options, ReadsEveryKindAndKeepsDefaults) {
  const auto options = read(
      "ratio: 1\nneighbours: 3\nseed: 12345678901\nexact: false\nmetric: cosine\nlimit: 5\ncap: null\nnote: 2024\n"
      "squared: false\n"
      "layers: [layer1]\nsizes: [8, 16]\nweights: [1, 0.5]\nextra: {a: [1]}\n");
  EXPECT_EQ(options.ratio, 1.0);
  EXPECT_EQ(options.neighbours, 3);
  EXPECT_EQ(options.seed, 12345678901);
  EXPECT_FALSE(options.exact);
  EXPECT_EQ(options.metric, "cosine");
  EXPECT_EQ(options.limit, 5);
  EXPECT_EQ(options.cap, std::nullopt);
  EXPECT_EQ(options.note, "2024");
  EXPECT_EQ(options.squared, false);
  EXPECT_EQ(options.layers, std::vector<std::string>{"layer1"});
  EXPECT_EQ(options.sizes, (std::vector<int>{8, 16}));
  EXPECT_EQ(options.weights, (std::vector<double>{1, 0.5}));
  EXPECT_EQ(options.extra.at(0).first, "a");
  const auto defaults = read("");
  EXPECT_EQ(defaults.ratio, 0.1);
  EXPECT_EQ(defaults.cap, 2.5);
  EXPECT_EQ(defaults.squared, std::nullopt);
  EXPECT_EQ(defaults.layers.size(), 2u);
}

TEST(Options, UnknownKeyNamesPlaceAndNearest) {
  test::expect_error<ConfigError>([] { read("ratoi: 1\n"); },
                                  {"detector.yaml:2", "'detector.ratoi'", "Did you mean 'ratio'?"});
}

TEST(Options, WrongKindsAreErrors) {
  test::expect_error<ConfigError>([] { read("ratio: big\n"); },
                                  {"detector.yaml:2", "detector.ratio must be a number", "'big'"});
  test::expect_error<ConfigError>([] { read("neighbours: 1.5\n"); }, {"detector.neighbours must be an integer", "1.5"});
  test::expect_error<ConfigError>([] { read("neighbours: '3'\n"); }, {"an integer", "'3' (a string)"});
  test::expect_error<ConfigError>([] { read("neighbours: 3000000000\n"); }, {"32 bits"});
  test::expect_error<ConfigError>([] { read("exact: 1\n"); }, {"true or false"});
  test::expect_error<ConfigError>([] { read("metric: [l2]\n"); }, {"a string", "a list"});
  test::expect_error<ConfigError>([] { read("layers: layer1\n"); }, {"a list of strings", "detector.layers=[layer1]"});
  test::expect_error<ConfigError>([] { read("sizes: [8, x]\n"); }, {"a list of integers"});
  test::expect_error<ConfigError>([] { read("extra: 3\n"); }, {"a map"});
  test::expect_error<ConfigError>([] { read("limit: x\n"); }, {"an integer or null"});
  test::expect_error<ConfigError>([] { read("squared: 1\n"); }, {"true or false"});
}

TEST(Options, NullOnlyForOptionals) {
  EXPECT_EQ(read("note: null\n").note, std::nullopt);
  test::expect_error<ConfigError>([] { read("ratio: null\n"); }, {"detector.ratio must be a number", "null"});
  test::expect_error<ConfigError>([] { read("layers: null\n"); }, {"detector.layers must be a list"});
}

TEST(Options, RangesAndChoices) {
  test::expect_error<ConfigError>([] { read("ratio: 0\n"); },
                                  {"detector.ratio must be above 0 and at most 1, but is 0"});
  test::expect_error<ConfigError>([] { read("ratio: 1.5\n"); }, {"at most 1", "share of the patches kept"});
  test::expect_error<ConfigError>([] { read("ratio: .nan\n"); }, {"detector.ratio", "nan"});
  test::expect_error<ConfigError>([] { read("neighbours: 0\n"); }, {"at least 1"});
  test::expect_error<ConfigError>([] { read("limit: 0\n"); }, {"at least 1 and at most 100 images"});
  test::expect_error<ConfigError>([] { read("metric: cosin\n"); },
                                  {"detector.metric cannot be 'cosin'", "Did you mean 'cosine'?"});
  test::expect_error<ConfigError>([] { read("layers: [layer1, layer9]\n"); }, {"detector.layers.1", "'layer9'"});
  test::expect_error<ConfigError>([] { read("sizes: [8, 4]\n"); }, {"detector.sizes.1", "at least 8"});
}

TEST(Options, RequiredTellsHowToSetIt) {
  for (const char* yaml : {"root: ???\n", "seed: 1\n"}) {
    test::expect_error<ConfigError>([&] { read_options<CoresetOptions>(parse_yaml(yaml, "d.yaml"), "dataset"); },
                                    {"dataset.root is required", "folder of the dataset", "dataset.root=VALUE"});
  }
  // "???" asks for a value wherever it stands.
  test::expect_error<ConfigError>([] { read("neighbours: ???\n"); },
                                  {"detector.neighbours is required", "detector.neighbours=1"});
}

TEST(Options, NodeMustBeAMap) {
  test::expect_error<ConfigError>([] { read_options<CoresetOptions>(Value("x"), "detector"); },
                                  {"detector must be a map"});
}

TEST(Options, SchemaListsFieldsWithDefaults) {
  const auto fields = fields_of<CoresetOptions>();
  ASSERT_EQ(fields.size(), 14u);
  EXPECT_EQ(fields[0].name, "ratio");
  EXPECT_EQ(fields[0].kind, Kind::kFloat);
  EXPECT_EQ(fields[0].default_value, Value(0.1));
  EXPECT_TRUE(fields[0].open_low);
  EXPECT_EQ(fields[0].high, 1.0);
  EXPECT_TRUE(fields[5].required);
  EXPECT_TRUE(fields[6].nullable);
  EXPECT_EQ(fields[10].kind, Kind::kList);
  EXPECT_EQ(fields[10].element, Kind::kString);
}

}  // namespace
}  // namespace normadd::config
