// SPDX-License-Identifier: Apache-2.0
#include "detectors/text_states.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "detectors/clip_golden.h"
#include "networks/dense_layers.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using test::expect_error;

class TextStatesTest : public ::testing::Test {
 protected:
  std::string file_of(const std::string& text) const {
    core::write_file_atomically(directory_ / "states.yaml", text);
    return (directory_ / "states.yaml").string();
  }
  static TextStateOptions options_for(const std::string& file) {
    TextStateOptions options;
    options.prompts = file;
    return options;
  }
  test::TemporaryDirectory directory_;
};

TEST_F(TextStatesTest, ShippedEnsemblesHaveThePublishedNumbers) {
  const auto winclip = read_state_ensemble(shipped_ensemble("winclip"));
  EXPECT_EQ(winclip.texts(winclip.normal, "nut").size(), 147u);
  EXPECT_EQ(winclip.texts(winclip.anomalous, "nut").size(), 84u);
  EXPECT_EQ(winclip.texts(winclip.anomalous, "metal_nut").front(), "a cropped photo of the damaged metal_nut.");
  const auto april = read_state_ensemble(shipped_ensemble("april_gan"));
  EXPECT_EQ(april.texts(april.normal, "nut").size(), 245u);
  EXPECT_EQ(april.texts(april.anomalous, "nut").size(), 175u);
}

TEST_F(TextStatesTest, DirectionsEqualTheReferenceAndARepeatedTemplateCountsTwice) {
  const auto clip = golden_clip();
  const TextStates states(options_for(shipped_ensemble("winclip")), "detector");
  const at::Tensor directions = states.directions(*clip, "metal_nut", TextMean::kPlain);
  EXPECT_LE((directions - golden_file("winclip.safetensors").tensor("texts")).abs().max().item<double>(), 1e-5);
  const at::Tensor units = states.directions(*clip, "metal_nut", TextMean::kOfUnits);
  EXPECT_GT((directions - units).abs().max().item<double>(), 1e-4);

  const TextStates twice(
      options_for(file_of("templates: ['{}', 'a {}', 'a {}']\nnormal: ['{}']\nanomalous: ['damaged {}']\n")),
      "detector");
  const at::Tensor rows = clip->encode_texts({"nut", "a nut", "a nut"});
  EXPECT_LE((twice.directions(*clip, "nut", TextMean::kPlain)[0] - networks::unit_length(rows.mean(0)))
                .abs()
                .max()
                .item<double>(),
            1e-7);
}

TEST_F(TextStatesTest, NamesFollowTheFileTheOptionAndTheMap) {
  const std::string file = file_of("class_name: spaces\ntemplates: ['{}']\nnormal: ['{}']\nanomalous: ['bad {}']\n");
  TextStateOptions options = options_for(file);
  EXPECT_EQ(TextStates(options, "d").noun("metal_nut"), "metal nut");
  options.class_name = "as_is";
  EXPECT_EQ(TextStates(options, "d").noun("metal_nut"), "metal_nut");
  options.class_names = {{"metal_nut", config::Value("steel nut")}};
  EXPECT_EQ(TextStates(options, "d").noun("metal_nut"), "steel nut");
  EXPECT_EQ(TextStates(options, "d").noun("pill"), "pill");
  options.class_names = {{"metal_nut", config::Value(3.0)}};
  expect_error<core::ConfigError>([&] { TextStates(options, "d"); }, {"metal_nut", "d.class_names"});
}

TEST_F(TextStatesTest, ErrorsNameFileAndLine) {
  const auto refuse = [&](const std::string& text, const std::vector<std::string>& parts) {
    const std::string file = file_of(text);
    expect_error<core::DataError>([&] { read_state_ensemble(file); }, parts);
  };
  refuse("templates: ['{}']\nnormal: ['{}']\nanomalus: ['bad {}']\n", {"states.yaml:3", "anomalus", "anomalous"});
  refuse("templates: ['{}']\nnormal: ['good']\nanomalous: ['bad {}']\n", {"states.yaml:2", "good"});
  refuse("templates: ['{} and {}']\nnormal: ['{}']\nanomalous: ['bad {}']\n", {"states.yaml:1", "exactly one"});
  refuse("templates: ['{category}']\nnormal: ['{}']\nanomalous: ['bad {}']\n", {"states.yaml:1", "exactly one"});
  refuse("templates: ['{}']\nnormal: []\nanomalous: ['bad {}']\n", {"states.yaml:2", "normal"});
  refuse("templates: ['{}']\nnormal: ['{}']\n", {"anomalous", "missing"});
  refuse("templates: ['{}']\nnormal: ['{}', 3]\nanomalous: ['bad {}']\n", {"states.yaml:2", "text"});
  refuse("class_name: dots\ntemplates: ['{}']\nnormal: ['{}']\nanomalous: ['bad {}']\n", {"states.yaml:1", "spaces"});
  refuse("[1, 2]\n", {"states.yaml"});
  expect_error<core::DataError>([] { read_state_ensemble("/nowhere/x.yaml"); }, {"/nowhere/x.yaml"});
}

TEST_F(TextStatesTest, TooLongTextsAreQuotedOrCut) {
  std::string many;
  for (int i = 0; i < 80; ++i) many += " x";
  const auto clip = golden_clip();
  TextStateOptions options =
      options_for(file_of("templates: ['{}" + many + "']\nnormal: ['{}']\nanomalous: ['bad {}']\n"));
  expect_error<core::ConfigError>([&] { TextStates(options, "detector").directions(*clip, "nut", TextMean::kPlain); },
                                  {"nut x x"});
  options.truncate_texts = true;
  EXPECT_EQ(TextStates(options, "detector").directions(*clip, "nut", TextMean::kPlain).size(0), 2);
}

}  // namespace
}  // namespace normadd::detectors
