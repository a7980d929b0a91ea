// SPDX-License-Identifier: Apache-2.0
// CLIP's byte-pair tokenizer. Source: openai/CLIP clip/simple_tokenizer.py and open_clip's tokenizer.py (behaviour).
// Differs: of ftfy only the steps that concern single characters are done, and a text cannot spell the start or end
// token.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace normadd::networks {

class Tokenizer {
 public:
  using Merges = std::vector<std::pair<std::string, std::string>>;

  /// Reads merges.txt or bpe_simple_vocab_16e6.txt(.gz) from a model's folder. A file with n merges gives 512 + n + 2
  /// ids; the full vocabulary uses its first 48 894 merges. A folder without one whose open_clip_config.json asks for
  /// CLIP's 49 408 tokens gets clip(). Throws WeightsError when there is none or it is malformed.
  static Tokenizer from_folder(const std::filesystem::path& folder);
  /// The vocabulary of all published CLIP models, which the program carries.
  static Tokenizer clip();
  /// Merges in order of rank, in the file's notation: one printable character per byte, "</w>" after a word's last.
  static Tokenizer from_merges(Merges merges);

  /// Ids of the text alone, without start and end.
  std::vector<std::int64_t> encode(const std::string& text) const;
  /// start, text, end, padded with 0 to context. Too long: ConfigError quoting the text, unless truncate, which cuts
  /// and keeps the end token last.
  std::vector<std::int64_t> encode_padded(const std::string& text, int context, bool truncate = false) const;
  /// Ends of words become spaces; start, end and what follows it are left out. Bytes that are not UTF-8 stay as they
  /// are.
  std::string decode(const std::vector<std::int64_t>& ids) const;

  std::int64_t start_id() const;
  std::int64_t end_id() const;
  std::int64_t size() const;
  const Merges& merges() const;
  /// Writes merges.txt, from which from_folder makes the same tokenizer.
  void save(const std::filesystem::path& folder) const;

  /// Learns num_merges merges from texts (most frequent pair first, ties by text), for the micro CLIP. Fewer when every
  /// word is a single symbol before.
  static Merges learn_merges(const std::vector<std::string>& texts, int num_merges);

 private:
  struct Vocabulary;
  std::shared_ptr<const Vocabulary> vocabulary_;
};

}  // namespace normadd::networks
