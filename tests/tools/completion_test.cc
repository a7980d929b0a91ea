// SPDX-License-Identifier: Apache-2.0
// Completion in the shells themselves, with the scripts that the program prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "core/atomic_file.h"
#include "normadd_complete/candidates.h"
#include "support/temporary_directory.h"

namespace normadd::completion {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

using Lines = std::vector<std::string>;

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

Lines lines_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool has_shell(const std::string& shell) {
  return std::system(("command -v " + shell + " >/dev/null 2>&1").c_str()) == 0;
}

const std::string kProgram = quoted(NORMADD_PROGRAM);

/// What the program prints for the shell to evaluate, once: starting it takes far longer than answering.
const std::string& bash_script() {
  static const std::string script = [] {
    std::string text;
    for (const auto& line : lines_of(kProgram + " run -sc install=bash")) text += line + "\n";
    return text;
  }();
  return script;
}

/// What bash would put in place of the part after its last word break.
Lines in_bash(const std::string& line, const std::string& folder = NORMADD_SOURCE_DIR) {
  const std::string script = bash_script() + "cd " + quoted(folder) + "; COMP_LINE=" + quoted(line) +
                             "; COMP_POINT=${#COMP_LINE}; COMP_WORDBREAKS=$' \\t\\n\"\\'@><=;|&(:'; _normadd; " +
                             "for c in \"${COMPREPLY[@]}\"; do printf '%s\\n' \"$c\"; done";
  return lines_of("bash --norc -c " + quoted(script));
}

TEST(Completion, BashVerbsAndFlags) {
  EXPECT_THAT(in_bash("normadd "), AllOf(Contains("run "), Contains("table "), Contains("completion ")));
  EXPECT_THAT(in_bash("normadd da"), ElementsAre("data "));
  EXPECT_THAT(in_bash("normadd data "), ElementsAre("check ", "demo ", "splits "));
  EXPECT_THAT(in_bash("normadd data demo --se"), Contains("--seed "));
  EXPECT_THAT(in_bash("normadd export "), ElementsAre("dvc ", "mvtec-maps ", "tensorboard "));
  EXPECT_THAT(in_bash("normadd push mlflow --t"), ElementsAre("--tracking-uri "));
  EXPECT_THAT(in_bash("normadd run --con"), ElementsAre("--config-dir ", "--config-name ", "--config-path "));
  EXPECT_THAT(in_bash("normadd run -c "), ElementsAre("all ", "hydra ", "job "));
  EXPECT_THAT(in_bash("normadd run --cfg=j"), ElementsAre("job "));
  EXPECT_THAT(in_bash("normadd run -cn "), ElementsAre("config "));
  EXPECT_THAT(in_bash("cd /tmp && normadd run -i defaults-"), ElementsAre("defaults-tree "));
  EXPECT_THAT(in_bash("normadd nonsense "), IsEmpty());
}

TEST(Completion, BashGroupsOptionsAndKeys) {
  EXPECT_THAT(in_bash("normadd run det"), ElementsAre("detector.", "detector=", "detectors="));
  EXPECT_THAT(in_bash("normadd run detector=pa"), ElementsAre("padim", "patchcore"));
  EXPECT_THAT(in_bash("normadd run -m detector=padim,pa"), ElementsAre("padim,patchcore"));
  EXPECT_THAT(in_bash("normadd run +exp"), ElementsAre("+experiment="));
  EXPECT_THAT(in_bash("normadd run ++seed"), ElementsAre("++seed="));
  EXPECT_THAT(in_bash("normadd run ~dataset"), AllOf(Contains("~dataset"), Not(Contains("~dataset="))));
  EXPECT_THAT(in_bash("normadd run +detector@detectors.x=pad"), ElementsAre("padim"));
  EXPECT_THAT(in_bash("normadd run experiment=ablation/pr"), ElementsAre("ablation/prompts"));
  EXPECT_THAT(in_bash("normadd run fusion.la"), ElementsAre("fusion.lambda="));
  // The key exists only with the option that the line has chosen before.
  EXPECT_THAT(in_bash("normadd run fusion.gam"), IsEmpty());
  EXPECT_THAT(in_bash("normadd run fusion=power fusion.gam"), ElementsAre("fusion.gamma="));
  EXPECT_THAT(in_bash("normadd run fusion=power,product seed=x) fusion.la"), ElementsAre("fusion.lambda="));
}

TEST(Completion, BashValues) {
  EXPECT_THAT(in_bash("normadd run metrics.aupro=of"), ElementsAre("official"));
  EXPECT_THAT(in_bash("normadd run metrics.pixel="), ElementsAre("false", "true"));
  EXPECT_THAT(in_bash("normadd run run.panels="), ElementsAre("false", "null", "true"));
  EXPECT_THAT(in_bash("normadd run detector.profile=a"), ElementsAre("amazon", "anomalib"));
  EXPECT_THAT(in_bash("normadd run detector=padim detector.profile=a"), ElementsAre("anomalib"));
}

TEST(Completion, BashExperimentsOfPapers) {
  EXPECT_THAT(in_bash("normadd reproduce "), AllOf(Contains("paper/patchcore "), Contains("paper/nand ")));
  EXPECT_THAT(in_bash("normadd reproduce paper/nand_"), ElementsAre("paper/nand_protocol "));
  EXPECT_THAT(in_bash("normadd reproduce --r"), ElementsAre("--run "));
  // The experiment decides which keys there are.
  EXPECT_THAT(in_bash("normadd reproduce paper/patchcore detector.cores"),
              AllOf(Contains("detector.coreset_ratio="), Contains("detector.coreset_start=")));
  EXPECT_THAT(in_bash("normadd reproduce paper/padim detector.cores"), IsEmpty());
}

TEST(Completion, BashPathsAndQuotes) {
  const test::TemporaryDirectory directory;
  const std::string folder = directory.path().string();
  core::write_file_atomically(directory / "my runs/one/status.json", "{}");
  core::write_file_atomically(directory / "mine.txt", "");
  EXPECT_THAT(in_bash("normadd table m", folder), ElementsAre("my\\ runs/"));
  EXPECT_THAT(in_bash("normadd table my\\ runs/o", folder), ElementsAre("my\\ runs/one/"));
  EXPECT_THAT(in_bash("normadd table 'my runs/o", folder), ElementsAre("my runs/one/"));
  EXPECT_THAT(in_bash("normadd run run.load_detectors=m", folder), ElementsAre("mine.txt", "my\\ runs/"));
  EXPECT_THAT(in_bash("normadd run 'detector=pa", folder), ElementsAre("detector=padim", "detector=patchcore"));
  core::write_file_atomically(directory / "own/detector/palette.yaml", "name: padim\n");
  EXPECT_THAT(in_bash("normadd run -cd own detector=pal", folder), ElementsAre("palette"));
  EXPECT_THAT(in_bash("normadd run --config-dir=own detector=pal", folder), ElementsAre("palette"));
}

TEST(Completion, TheMainProgramAnswersTheSame) {
  const std::string asked = "COMP_LINE='normadd run detector=pa' WORD_BREAKS='=' " + kProgram + " run -sc query=bash";
  EXPECT_THAT(lines_of(asked), ElementsAre("padim", "patchcore"));
  EXPECT_EQ(lines_of(kProgram + " run -sc install=bash"), lines_of(kProgram + " completion bash"));
}

TEST(Completion, BashForgetsItAgain) {
  const std::string script = "eval \"$(" + kProgram +
                             " completion bash)\"; complete -p normadd >/dev/null && eval \"$(" + kProgram +
                             " run -sc uninstall=bash)\"; complete -p normadd 2>/dev/null || echo gone";
  EXPECT_THAT(lines_of("bash --norc -c " + quoted(script)), ElementsAre("gone"));
}

TEST(Completion, Zsh) {
  if (!has_shell("zsh")) GTEST_SKIP() << "zsh is not installed";
  const auto in_zsh = [](const Lines& words, const std::string& prefix) {
    std::string list;
    for (const auto& word : words) list += quoted(word) + " ";
    // compadd works inside the line editor only; what the script would hand to it is what matters here.
    const std::string script = "compdef() { : }; compadd() { print -l -- ${(P)@[-1]} }; eval \"$(" + kProgram +
                               " completion zsh)\"; words=(" + list + quoted(prefix) +
                               "); CURRENT=" + std::to_string(words.size() + 1) + "; PREFIX=" + quoted(prefix) +
                               "; IPREFIX= QIPREFIX=; _normadd; true";
    return lines_of("zsh -f -c " + quoted(script));
  };
  EXPECT_THAT(in_zsh({"normadd"}, "da"), ElementsAre("data"));
  EXPECT_THAT(in_zsh({"normadd", "run"}, "detector=pa"), ElementsAre("detector=padim", "detector=patchcore"));
  EXPECT_THAT(in_zsh({"normadd", "run", "fusion=power"}, "fusion.ga"), ElementsAre("fusion.gamma="));
  EXPECT_THAT(in_zsh({"normadd", "run"}, "nothing.here="), IsEmpty());
}

TEST(Completion, Fish) {
  if (!has_shell("fish")) GTEST_SKIP() << "fish is not installed";
  const test::TemporaryDirectory home;
  const auto in_fish = [&](const std::string& line) {
    const std::string script = NORMADD_PROGRAM " completion fish | source; complete -C" + quoted(line);
    return lines_of("HOME=" + quoted(home.path().string()) + " fish --no-config -c " + quoted(script));
  };
  EXPECT_THAT(in_fish("normadd da"), ElementsAre("data"));
  EXPECT_THAT(in_fish("normadd run detector=pa"), ElementsAre("detector=padim", "detector=patchcore"));
  EXPECT_THAT(in_fish("normadd run fusion.la"), ElementsAre("fusion.lambda="));
}

TEST(Completion, NothingTypedMakesItFail) {
  const Catalog catalog = catalog_from_json(
      core::read_file(std::filesystem::path(NORMADD_PROGRAM).parent_path() / "normadd_complete.json"));
  const std::filesystem::path configs = std::filesystem::path(NORMADD_SOURCE_DIR) / "configs";
  for (const char* text :
       {"", " ", "normadd", "normadd run =", "normadd run +", "normadd run ~=", "normadd run a..b", "normadd run .",
        "normadd run x=[", "normadd run 'x", "normadd run \\", "normadd run -cp /none d",
        "normadd run @=", "normadd run detector@=", "normadd run -cn", "normadd | | run"}) {
    for (const auto& candidate : candidates(catalog, read_typed_line(text), configs)) {
      EXPECT_TRUE(candidate.word.starts_with(read_typed_line(text).current)) << text;
    }
  }
}

}  // namespace
}  // namespace normadd::completion
