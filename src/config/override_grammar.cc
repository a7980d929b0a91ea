// SPDX-License-Identifier: Apache-2.0
#include "config/override_grammar.h"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "config/plain_scalar.h"
#include "core/error.h"

namespace normadd::config {
namespace {

const Source kCommandLine{"command line", 0};
constexpr int kDeepestNesting = 100;

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_identifier_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; }

class OverrideParser {
 public:
  explicit OverrideParser(const std::string& text) : text_(text) {}

  Override parse() {
    Override result;
    result.text = text_;
    if (accept('~')) {
      result.kind = OverrideKind::kDelete;
    } else if (accept('+')) {
      result.kind = accept('+') ? OverrideKind::kAddOrChange : OverrideKind::kAdd;
    }
    parse_key(result);
    if (at_end()) {
      if (result.kind == OverrideKind::kDelete) return result;
      fail(position_, "'=' is missing",
           fmt::format("Write {}=VALUE; flags go before overrides, and a value with blanks in quotes: \"key='a b'\".",
                       text_));
    }
    if (peek() == '+' && text_.compare(position_, 2, "+=") == 0 && result.kind == OverrideKind::kChange) {
      ++position_;
      result.kind = OverrideKind::kAppend;
    }
    if (is_blank(peek()))
      fail(position_, "a blank is not allowed in the key", "Write key=value without blanks around '='.");
    if (peek() == '[')
      fail(position_, "the character '[' is not allowed in a key",
           fmt::format("An element of a list is named with a dot: {}.0=value", result.key));
    if (!accept('='))
      fail(position_, fmt::format("the character '{}' is not allowed in a key", character()),
           "Keys hold letters, digits, '_', '-', '.', '/' and '$'; a value with such a character is fine behind '='.");
    value_begin_ = position_;
    skip_blanks();
    if (at_end()) {
      result.elements.push_back({string_value("")});
      return result;
    }
    result.elements.push_back(parse_element("", 0));
    while (accept(',')) {
      skip_blanks();
      if (at_end()) fail(position_, "a value is missing after ','", quoting_hint());
      result.elements.push_back(parse_element("", 0));
    }
    if (!at_end()) fail(position_, fmt::format("'{}' is not expected here", character()), quoting_hint());
    return result;
  }

  Value parse_single_value() {
    skip_blanks();
    if (at_end()) return string_value("");
    const Element element = parse_element("", 0);
    if (!at_end() || !element.is_value()) fail(position_, "one plain value is expected", "");
    return element.value();
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[position_]; }

  bool accept(char c) {
    if (at_end() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  void skip_blanks() {
    while (is_blank(peek())) ++position_;
  }

  /// The character at the position, whole even when it takes several bytes.
  std::string character() const {
    std::size_t end = position_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) ++end;
    return text_.substr(position_, end - position_);
  }

  [[noreturn]] void fail(std::size_t at, const std::string& what, const std::string& hint) const {
    // A caret column counts characters, not bytes.
    std::size_t column = 0;
    for (std::size_t i = 0; i < at; ++i) column += (static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80;
    std::string picture = fmt::format("{}\n  {}^", text_, std::string(column, ' '));
    if (!hint.empty()) picture += "\n  " + hint;
    throw core::ConfigError(fmt::format("cannot read the override: {}", what), source_text(kCommandLine), picture);
  }

  /// The override with its value in quotes, which is what most people with a syntax error wanted.
  std::string quoting_hint() const {
    if (value_begin_ == std::string::npos) return "";
    const std::string value = text_.substr(value_begin_);
    const bool has_single = value.find('\'') != std::string::npos;
    if (has_single && value.find('"') != std::string::npos)
      return "Put the value in quotes and \\ before inner quotes.";
    // The shell takes one pair of quotes away.
    const std::string key = text_.substr(0, value_begin_);
    const std::string quoted =
        has_single ? fmt::format(R"("{}\"{}\"")", key, value) : fmt::format("\"{}'{}'\"", key, value);
    return fmt::format("For the text itself, quote the value, once more for the shell: {}", quoted);
  }

  /// The override with what is missing at its end, if that is all that is missing.
  std::string closing_hint(const std::string& closing) const {
    if (is_trial_) return "";
    const std::string closed = text_ + closing;
    OverrideParser trial(closed);
    trial.is_trial_ = true;
    try {
      trial.parse();
    } catch (const core::ConfigError&) {
      return quoting_hint();
    }
    // The shell takes one pair of quotes away.
    const bool has_single = closed.find('\'') != std::string::npos;
    if (has_single && closed.find_first_of("\"$\\") != std::string::npos)
      return fmt::format("Did you mean {} ?", closed);
    return fmt::format("Did you mean {0}{1}{0} ?", has_single ? '"' : '\'', closed);
  }

  Value string_value(std::string text) const {
    Value value(std::move(text));
    value.source = kCommandLine;
    return value;
  }

  void parse_key(Override& result) {
    const auto take_name = [&] {
      const std::size_t begin = position_;
      while (!at_end() && (is_identifier(peek()) || peek() == '.' || peek() == '/' || peek() == '$')) ++position_;
      return text_.substr(begin, position_ - begin);
    };
    const std::size_t begin = position_;
    result.key = take_name();
    const bool is_group = result.key.find('/') != std::string::npos;
    const bool is_bad_group = is_group && (result.key.find('.') != std::string::npos || result.key.front() == '/' ||
                                           result.key.back() == '/' || result.key.find("//") != std::string::npos);
    const bool is_bad_path = !is_group && (result.key.find("..") != std::string::npos || result.key.starts_with('.') ||
                                           result.key.ends_with('.'));
    if (is_bad_group || is_bad_path || (!result.key.empty() && result.key.front() == '-')) {
      fail(begin, fmt::format("'{}' is not a key", result.key), "A key looks like a.b.c, a group like a/b.");
    }
    if (result.key.empty() && peek() != '=') fail(position_, "a key is expected here", "");
    if (accept('@')) result.package = take_name();
  }

  /// closing lists the characters that end a primitive here besides ','.
  Element parse_element(std::string_view closing, int depth) {
    if (depth > kDeepestNesting) fail(position_, "the value is nested too deeply", "");
    Element element;
    const std::size_t begin = position_;
    const char c = peek();
    if (c == '\'' || c == '"') {
      element.content = string_value(parse_quoted());
    } else if (c == '[') {
      element.content = parse_list(depth);
    } else if (c == '{') {
      element.content = parse_dict(depth);
    } else if (const auto name = function_name()) {
      element.content = parse_function(*name, depth);
    } else {
      element.content = parse_primitive(closing);
      return element;
    }
    skip_blanks();
    if (!at_end() && peek() != ',' && closing.find(peek()) == std::string_view::npos) {
      fail(position_,
           fmt::format("'{}' is not expected after '{}'", character(), text_.substr(begin, position_ - begin)),
           quoting_hint());
    }
    return element;
  }

  std::string parse_quoted() {
    const std::size_t begin = position_;
    const char quote = text_[position_++];
    std::string value;
    while (!at_end() && peek() != quote) {
      if (peek() != '\\') {
        value += text_[position_++];
        continue;
      }
      // Backslashes count only before a quote: there, two make one and an odd one protects the quote.
      std::size_t num_slashes = 0;
      while (peek() == '\\') {
        ++num_slashes;
        ++position_;
      }
      if (peek() != quote) {
        value.append(num_slashes, '\\');
        continue;
      }
      value.append(num_slashes / 2, '\\');
      if (num_slashes % 2 == 1) value += text_[position_++];
    }
    if (!accept(quote)) fail(begin, "this quote is not closed", closing_hint(std::string(1, quote)));
    return value;
  }

  std::optional<std::string> function_name() const {
    std::size_t end = position_;
    if (!is_identifier_start(peek())) return std::nullopt;
    while (end < text_.size() && is_identifier(text_[end])) ++end;
    const std::string name = text_.substr(position_, end - position_);
    while (end < text_.size() && is_blank(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '(') return std::nullopt;
    return name;
  }

  FunctionCall parse_function(const std::string& name, int depth) {
    FunctionCall call;
    call.name = name;
    position_ = text_.find('(', position_);
    const std::size_t open = position_++;
    skip_blanks();
    if (accept(')')) return call;
    do {
      skip_blanks();
      FunctionCall::Argument argument;
      std::size_t end = position_;
      while (end < text_.size() && is_identifier(text_[end])) ++end;
      if (end > position_ && end < text_.size() && text_[end] == '=' && is_identifier_start(peek())) {
        argument.name = text_.substr(position_, end - position_);
        position_ = end + 1;
        skip_blanks();
      }
      argument.element = parse_element(")", depth + 1);
      call.arguments.push_back(std::move(argument));
    } while (accept(','));
    if (!accept(')')) fail(open, "this '(' is not closed", quoting_hint());
    return call;
  }

  Value parse_list(int depth) {
    const std::size_t open = position_++;
    List list;
    skip_blanks();
    if (!accept(']')) {
      do {
        skip_blanks();
        list.push_back(plain(parse_element("]", depth + 1), open));
      } while (accept(','));
      if (!accept(']')) fail(open, "this '[' is not closed", closing_hint("]"));
    }
    Value value(std::move(list));
    value.source = kCommandLine;
    return value;
  }

  Value parse_dict(int depth) {
    const std::size_t open = position_++;
    Value map{MapEntries{}};
    map.source = kCommandLine;
    skip_blanks();
    if (accept('}')) return map;
    do {
      skip_blanks();
      const std::size_t key_begin = position_;
      std::string key = peek() == '\'' || peek() == '"' ? parse_quoted() : parse_dict_key();
      skip_blanks();
      if (!accept(':')) fail(position_, "':' is missing after the key", "A dict looks like {a: 1, b: 2}.");
      skip_blanks();
      if (map.find(key) != nullptr) fail(key_begin, fmt::format("the key '{}' appears twice", key), "");
      map.set(key, plain(parse_element("}", depth + 1), open));
    } while (accept(','));
    if (!accept('}')) fail(open, "this '{' is not closed", closing_hint("}"));
    return map;
  }

  std::string parse_dict_key() {
    const std::size_t begin = position_;
    std::string key;
    while (!at_end() && std::string_view(":,{}[]()'\"=").find(peek()) == std::string_view::npos) {
      if (peek() == '\\' && position_ + 1 < text_.size()) ++position_;
      key += text_[position_++];
    }
    while (!key.empty() && is_blank(key.back())) key.pop_back();
    if (key.empty()) fail(begin, "a key is expected here", "A dict looks like {a: 1, b: 2}.");
    return key;
  }

  /// Lists and dicts hold values; a function inside them belongs to sweeps over parts of a value, which nothing
  /// expands.
  Value plain(Element element, std::size_t open) const {
    if (!element.is_value()) fail(open, "functions are not allowed inside lists and dicts", quoting_hint());
    return std::get<Value>(std::move(element.content));
  }

  Value parse_primitive(std::string_view closing) {
    const std::size_t begin = position_;
    std::string value;
    bool is_literal = false;
    std::size_t num_kept = 0;  // up to here blanks at the end are escaped ones
    while (!at_end() && peek() != ',' && closing.find(peek()) == std::string_view::npos) {
      const char c = peek();
      if (c == '$' && text_.compare(position_, 2, "${") == 0) {
        value += take_interpolation();
      } else if (c == '\\' && position_ + 1 < text_.size() &&
                 std::string_view("\\()[]{}:=, \t").find(text_[position_ + 1]) != std::string_view::npos) {
        value += text_[position_ + 1];
        position_ += 2;
        is_literal = true;
        num_kept = value.size();
      } else if (std::string_view("'\"()[]{}").find(c) != std::string_view::npos) {
        fail(position_, fmt::format("'{}' is not allowed in an unquoted value", c), quoting_hint());
      } else {
        value += c;
        ++position_;
      }
    }
    while (value.size() > num_kept && is_blank(value.back())) value.pop_back();
    if (value.empty()) fail(begin, "a value is expected here", quoting_hint());
    Value result = is_literal ? Value(value) : read_plain_override(value);
    result.source = kCommandLine;
    return result;
  }

  std::string take_interpolation() {
    const std::size_t begin = position_;
    int depth = 0;
    for (; !at_end(); ++position_) {
      if (peek() == '{') ++depth;
      if (peek() == '}' && --depth == 0) {
        ++position_;
        return text_.substr(begin, position_ - begin);
      }
    }
    position_ = begin;
    fail(begin, "this '${' is not closed", closing_hint("}"));
  }

  const std::string& text_;
  std::size_t position_ = 0;
  std::size_t value_begin_ = std::string::npos;
  bool is_trial_ = false;
};

}  // namespace

bool Override::is_sweep() const { return elements.size() > 1 || (elements.size() == 1 && !elements[0].is_value()); }

void Override::fail_sweep(std::size_t num_values) const {
  throw core::ConfigError(
      fmt::format("'{}' gives {} values, which makes a sweep", text, num_values), "command line",
      fmt::format("Add -m to run them all. For a list write {}=[...], for a comma or a parenthesis in "
                  "a text quote the value.",
                  key));
}

const Value& Override::value() const {
  if (elements.size() > 1) fail_sweep(elements.size());
  if (!elements.at(0).is_value()) {
    throw core::ConfigError(
        fmt::format("'{}' calls the function {}()", text, elements[0].function().name), "command line",
        "Functions that give several values make a sweep, which needs -m. For the text itself quote the value.");
  }
  return elements[0].value();
}

Override parse_override(const std::string& text) { return OverrideParser(text).parse(); }

Value parse_value_text(const std::string& text) { return OverrideParser(text).parse_single_value(); }

}  // namespace normadd::config
