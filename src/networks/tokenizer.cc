// SPDX-License-Identifier: Apache-2.0
#include "networks/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "networks/clip_config.h"
#include "networks/clip_vocabulary.h"
#include "networks/text_cleaning.h"
#include "networks/vocabulary_file.h"

namespace normadd::networks {
namespace {

constexpr int kBytes = 256;
const std::string kEndOfWord = "</w>";

/// The code points that stand for bytes, in order of their ids: printable Latin-1 as itself, then the rest from U+0100
/// on.
struct ByteSymbols {
  std::array<std::string, kBytes> symbol_of_id;
  std::array<int, kBytes> id_of_byte{};
  std::array<unsigned char, kBytes> byte_of_id{};

  ByteSymbols() {
    const auto printable = [](int byte) {
      return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    };
    int next = 0;
    const auto add = [&](int byte, int code_point) {
      id_of_byte[static_cast<std::size_t>(byte)] = next;
      byte_of_id[static_cast<std::size_t>(next)] = static_cast<unsigned char>(byte);
      std::string& symbol = symbol_of_id[static_cast<std::size_t>(next++)];
      if (code_point < 0x80) {
        symbol = static_cast<char>(code_point);
      } else {  // All are below U+0800: two bytes of UTF-8.
        symbol = {static_cast<char>(0xC0 | (code_point >> 6)), static_cast<char>(0x80 | (code_point & 0x3F))};
      }
    };
    for (int byte = 0; byte < kBytes; ++byte) {
      if (printable(byte)) add(byte, byte);
    }
    for (int byte = 0, shown = kBytes; byte < kBytes; ++byte) {
      if (!printable(byte)) add(byte, shown++);
    }
  }
};

const ByteSymbols& byte_symbols() {
  static const ByteSymbols symbols;
  return symbols;
}

/// The ids of a word's bytes, the last one in its end-of-word form.
std::vector<std::int64_t> byte_ids(const std::string& word) {
  std::vector<std::int64_t> ids;
  ids.reserve(word.size());
  for (const char c : word) ids.push_back(byte_symbols().id_of_byte[static_cast<unsigned char>(c)]);
  if (!ids.empty()) ids.back() += kBytes;
  return ids;
}

std::uint64_t pair_key(std::int64_t first, std::int64_t second) {
  return (static_cast<std::uint64_t>(first) << 32) | static_cast<std::uint64_t>(second);
}

void merge_all(std::vector<std::int64_t>& ids, std::int64_t first, std::int64_t second, std::int64_t merged) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool here = ids[i] == first && i + 1 < ids.size() && ids[i + 1] == second;
    ids[out++] = here ? merged : ids[i];
    i += here ? 1 : 0;
  }
  ids.resize(out);
}

}  // namespace

struct Tokenizer::Vocabulary {
  struct Merge {
    std::size_t rank;
    std::int64_t id;
  };

  Merges merges;
  std::vector<std::string> symbols;  // by id, without start and end
  std::unordered_map<std::string, std::int64_t> id_of_symbol;
  std::unordered_map<std::uint64_t, Merge> merge_of_pair;

  explicit Vocabulary(Merges given) : merges(std::move(given)) {
    const auto& bytes = byte_symbols().symbol_of_id;
    symbols.assign(bytes.begin(), bytes.end());
    for (const auto& symbol : bytes) symbols.push_back(symbol + kEndOfWord);
    for (const auto& [first, second] : merges) symbols.push_back(first + second);
    // Two merges may spell the same symbol; like the reference, the later id stands for both.
    for (std::size_t id = 0; id < symbols.size(); ++id) id_of_symbol[symbols[id]] = static_cast<std::int64_t>(id);
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
      const auto& [first, second] = merges[rank];
      merge_of_pair.try_emplace(pair_key(id_of(first), id_of(second)), Merge{rank, id_of(first + second)});
    }
  }

  std::int64_t id_of(const std::string& symbol) const {
    const auto found = id_of_symbol.find(symbol);
    if (found == id_of_symbol.end()) {
      throw core::WeightsError(fmt::format("the vocabulary merges '{}', which no earlier merge makes", symbol), "", "");
    }
    return found->second;
  }

  void apply_merges(std::vector<std::int64_t>& ids) const {
    while (ids.size() > 1) {
      std::size_t best_rank = std::numeric_limits<std::size_t>::max();
      std::size_t best_at = 0;
      std::int64_t merged = 0;
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        const auto found = merge_of_pair.find(pair_key(ids[i], ids[i + 1]));
        if (found == merge_of_pair.end() || found->second.rank >= best_rank) continue;
        best_rank = found->second.rank;
        best_at = i;
        merged = found->second.id;
      }
      if (best_rank == std::numeric_limits<std::size_t>::max()) return;
      const std::int64_t first = ids[best_at], second = ids[best_at + 1];
      merge_all(ids, first, second, merged);
    }
  }
};

Tokenizer Tokenizer::from_merges(Merges merges) {
  Tokenizer tokenizer;
  tokenizer.vocabulary_ = std::make_shared<const Vocabulary>(std::move(merges));
  return tokenizer;
}

Tokenizer Tokenizer::from_folder(const std::filesystem::path& folder) {
  const auto file = find_vocabulary(folder);
  if (!file) {
    const auto description = folder / "open_clip_config.json";
    if (std::filesystem::is_regular_file(description) && ClipConfig::read(description).vocabulary == kClipTokens) {
      return clip();
    }
    throw core::WeightsError("the model has no vocabulary", folder.string(),
                             "Put merges.txt or bpe_simple_vocab_16e6.txt.gz into the model's folder.");
  }
  Merges merges = read_vocabulary(*file);
  try {
    return from_merges(std::move(merges));
  } catch (const core::WeightsError& error) {
    throw core::WeightsError(error.message(), file->string(), "The file is damaged or not a CLIP vocabulary.");
  }
}

Tokenizer Tokenizer::clip() {
  static const Tokenizer tokenizer = from_merges(clip_vocabulary());
  return tokenizer;
}

std::vector<std::int64_t> Tokenizer::encode(const std::string& text) const {
  std::vector<std::int64_t> ids;
  for (const auto& word : split_words(clean_text(text))) {
    std::vector<std::int64_t> part = byte_ids(word);
    vocabulary_->apply_merges(part);
    ids.insert(ids.end(), part.begin(), part.end());
  }
  return ids;
}

std::vector<std::int64_t> Tokenizer::encode_padded(const std::string& text, int context, bool truncate) const {
  NORMADD_CHECK(context >= 2, fmt::format("context {}", context));
  const auto length = static_cast<std::size_t>(context);
  std::vector<std::int64_t> ids = encode(text);
  if (ids.size() + 2 > length) {
    if (!truncate) {
      throw core::ConfigError(
          fmt::format("the text needs {} tokens, but the model reads at most {}: '{}'", ids.size() + 2, context, text),
          "", "Shorten it, or allow cutting (normality.truncate_texts=true, or --truncate of embed).");
    }
    ids.resize(length - 2);
  }
  ids.insert(ids.begin(), start_id());
  ids.push_back(end_id());
  ids.resize(length, 0);
  return ids;
}

std::string Tokenizer::decode(const std::vector<std::int64_t>& ids) const {
  std::unordered_map<std::string, char> byte_of_symbol;
  const ByteSymbols& bytes = byte_symbols();
  for (std::size_t id = 0; id < kBytes; ++id)
    byte_of_symbol[bytes.symbol_of_id[id]] = static_cast<char>(bytes.byte_of_id[id]);

  std::string text;
  for (const std::int64_t id : ids) {
    if (id == start_id()) continue;
    if (id == end_id()) break;
    NORMADD_CHECK(id >= 0 && id < start_id(), fmt::format("id {} of {}", id, size()));
    std::string_view symbol = vocabulary_->symbols[static_cast<std::size_t>(id)];
    const bool ends_word = symbol.ends_with(kEndOfWord);
    if (ends_word) symbol.remove_suffix(kEndOfWord.size());
    for (std::size_t i = 0; i < symbol.size();) {
      const std::size_t width = static_cast<unsigned char>(symbol[i]) < 0x80 ? 1 : 2;
      text += byte_of_symbol.at(std::string(symbol.substr(i, width)));
      i += width;
    }
    if (ends_word) text += ' ';
  }
  return text;
}

std::int64_t Tokenizer::start_id() const { return static_cast<std::int64_t>(vocabulary_->symbols.size()); }
std::int64_t Tokenizer::end_id() const { return start_id() + 1; }
std::int64_t Tokenizer::size() const { return start_id() + 2; }
const Tokenizer::Merges& Tokenizer::merges() const { return vocabulary_->merges; }
void Tokenizer::save(const std::filesystem::path& folder) const { write_vocabulary(folder, merges()); }

Tokenizer::Merges Tokenizer::learn_merges(const std::vector<std::string>& texts, int num_merges) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& text : texts) {
    for (const auto& word : split_words(clean_text(text))) ++counts[word];
  }
  struct Word {
    std::vector<std::string> symbols;
    std::int64_t count;
  };
  std::vector<Word> words;
  for (const auto& [word, count] : counts) {
    Word entry{{}, count};
    for (const char c : word) {
      const int id = byte_symbols().id_of_byte[static_cast<unsigned char>(c)];
      entry.symbols.push_back(byte_symbols().symbol_of_id[static_cast<std::size_t>(id)]);
    }
    entry.symbols.back() += kEndOfWord;
    words.push_back(std::move(entry));
  }

  Merges merges;
  while (static_cast<int>(merges.size()) < num_merges) {
    std::map<std::pair<std::string, std::string>, std::int64_t> pairs;
    for (const auto& word : words) {
      for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i)
        pairs[{word.symbols[i], word.symbols[i + 1]}] += word.count;
    }
    // max_element keeps the first of equals: the smallest pair by text.
    const auto best =
        std::max_element(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (best == pairs.end()) break;
    const auto [first, second] = best->first;
    merges.emplace_back(first, second);
    for (auto& word : words) {
      std::vector<std::string> symbols;
      for (std::size_t i = 0; i < word.symbols.size(); ++i) {
        const bool here = word.symbols[i] == first && i + 1 < word.symbols.size() && word.symbols[i + 1] == second;
        symbols.push_back(here ? first + second : word.symbols[i]);
        i += here ? 1 : 0;
      }
      word.symbols = std::move(symbols);
    }
  }
  return merges;
}

}  // namespace normadd::networks
