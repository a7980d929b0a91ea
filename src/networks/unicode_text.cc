// SPDX-License-Identifier: Apache-2.0
#include "networks/unicode_text.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "networks/unicode_tables.h"

namespace normadd::networks {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kCapitalSigma = 0x3A3, kSmallSigma = 0x3C3, kFinalSigma = 0x3C2;
constexpr char32_t kDottedCapitalI = 0x130, kDotAbove = 0x307;

/// The row whose range holds code, or null. Rows ascend and do not overlap.
template <typename Row>
const Row* row_of(std::span<const Row> rows, char32_t code) {
  auto above =
      std::upper_bound(rows.begin(), rows.end(), code, [](char32_t c, const Row& row) { return c < row.first; });
  if (above == rows.begin()) return nullptr;
  const Row& row = *std::prev(above);
  return code <= row.last ? &row : nullptr;
}

int combining_class(char32_t code) {
  const CombiningClass* row = row_of(combining_classes(), code);
  return row == nullptr ? 0 : row->value;
}

void append_decomposed(std::u32string& text, char32_t code) {
  const auto pairs = compositions();
  const auto pair = std::lower_bound(pairs.begin(), pairs.end(), code,
                                     [](const Composition& row, char32_t c) { return row.whole < c; });
  if (pair != pairs.end() && pair->whole == code) {
    append_decomposed(text, pair->first);
    append_decomposed(text, pair->second);
    return;
  }
  const auto ones = singletons();
  const auto one =
      std::lower_bound(ones.begin(), ones.end(), code, [](const Replacement& row, char32_t c) { return row.from < c; });
  if (one != ones.end() && one->from == code) {
    append_decomposed(text, one->to);
    return;
  }
  text += code;
}

/// Korean syllables compose by arithmetic (chapter 3.12): lead + vowel, then + tail.
char32_t compose_hangul(char32_t first, char32_t second) {
  constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
  constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels && second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
  }
  const bool open_syllable = first >= kSyllables && first < kSyllables + kLeadCount * kVowelCount * kTailCount &&
                             (first - kSyllables) % kTailCount == 0;
  if (open_syllable && second > kTails && second < kTails + kTailCount) return first + (second - kTails);
  return 0;
}

/// The composed character of two, or 0.
char32_t compose_pair(char32_t first, char32_t second) {
  static const std::map<std::pair<char32_t, char32_t>, char32_t> wholes = [] {
    std::map<std::pair<char32_t, char32_t>, char32_t> map;
    for (const auto& row : compositions()) {
      if (row.composes) map[{row.first, row.second}] = row.whole;
    }
    return map;
  }();
  const auto found = wholes.find({first, second});
  return found != wholes.end() ? found->second : compose_hangul(first, second);
}

void sort_marks(std::u32string& text) {
  for (auto begin = text.begin(); begin != text.end();) {
    if (combining_class(*begin) == 0) {
      ++begin;
      continue;
    }
    const auto end = std::find_if(begin, text.end(), [](char32_t c) { return combining_class(c) == 0; });
    std::stable_sort(begin, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    begin = end;
  }
}

bool word_ends_after(std::u32string_view text, std::size_t at) {
  return at + 1 == text.size() || !is_letter(text[at + 1]);
}

}  // namespace

std::u32string decode_utf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const int extra = lead < 0x80 ? 0 : lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
    if (extra <= 0) {
      text += extra == 0 ? static_cast<char32_t>(lead) : kReplacement;
      ++i;
      continue;
    }
    char32_t code = lead & (0x3F >> extra);
    int got = 0;
    while (got < extra && i + 1 + got < bytes.size() &&
           (static_cast<unsigned char>(bytes[i + 1 + got]) & 0xC0) == 0x80) {
      code = (code << 6) | (static_cast<unsigned char>(bytes[i + 1 + got]) & 0x3F);
      ++got;
    }
    constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool valid = got == extra && code >= kSmallest[extra] && !surrogate && code <= 0x10FFFF;
    text += valid ? code : kReplacement;
    i += valid ? 1 + static_cast<std::size_t>(extra) : 1;
  }
  return text;
}

void append_utf8(std::string& bytes, char32_t code) {
  const auto tail = [&](int shift) { bytes += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    bytes += static_cast<char>(code);
  } else if (code < 0x800) {
    bytes += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    bytes += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    bytes += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string encode_utf8(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t code : text) append_utf8(bytes, code);
  return bytes;
}

bool is_letter(char32_t code) { return row_of(letters(), code) != nullptr; }
bool is_number(char32_t code) { return row_of(numbers(), code) != nullptr; }

bool is_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

std::u32string lower_case(std::u32string_view text) {
  std::u32string lower;
  lower.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t code = text[i];
    if (code == kCapitalSigma) {
      const bool inside_word = i > 0 && is_letter(text[i - 1]);
      lower += inside_word && word_ends_after(text, i) ? kFinalSigma : kSmallSigma;
    } else if (code == kDottedCapitalI) {
      lower += {U'i', kDotAbove};
    } else {
      const LowerCase* row = row_of(lower_cases(), code);
      const bool mapped = row != nullptr && (code - row->first) % row->stride == 0;
      lower += mapped ? static_cast<char32_t>(static_cast<std::int64_t>(code) + row->delta) : code;
    }
  }
  return lower;
}

std::u32string composed(std::u32string_view text) {
  std::u32string apart;
  for (const char32_t code : text) append_decomposed(apart, code);
  sort_marks(apart);

  std::u32string whole;
  std::size_t starter = std::u32string::npos;
  int last_class = -1;  // of the character before, since the starter; -1 directly after it
  for (const char32_t code : apart) {
    const int mark = combining_class(code);
    const bool blocked = last_class != -1 && last_class >= mark;
    if (starter != std::u32string::npos && !blocked) {
      if (const char32_t joined = compose_pair(whole[starter], code)) {
        whole[starter] = joined;
        continue;
      }
    }
    if (mark == 0) {
      starter = whole.size();
      last_class = -1;
    } else {
      last_class = mark;
    }
    whole += code;
  }
  return whole;
}

}  // namespace normadd::networks
