// SPDX-License-Identifier: Apache-2.0
#include "config/override_functions.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "config/decimal_range.h"
#include "config/plain_scalar.h"
#include "config/value_json.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"
#include "core/random.h"

namespace normadd::config {
namespace {

const std::vector<std::string> kFunctions{"choice",   "range", "glob",  "sort", "shuffle", "tag",
                                          "interval", "int",   "float", "str",  "bool",    "json"};

class Evaluator {
 public:
  Evaluator(const Override& override, const std::function<std::vector<std::string>()>& options)
      : override_(override), options_(options) {}

  EvaluatedValues evaluate() const {
    if (override_.elements.size() == 1) return evaluate(override_.elements.front());
    EvaluatedValues all{{}, true};
    for (const auto& element : override_.elements) append(all, evaluate(element));
    return all;
  }

 private:
  using Arguments = std::vector<FunctionCall::Argument>;

  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw core::ConfigError(fmt::format("{} in '{}'", what, override_.text), "command line", hint);
  }

  static void append(EvaluatedValues& all, const EvaluatedValues& more) {
    all.values.insert(all.values.end(), more.values.begin(), more.values.end());
  }

  EvaluatedValues evaluate(const Element& element) const {
    if (element.is_value()) return {{element.value()}, false};
    const FunctionCall& call = element.function();
    if (call.name == "choice") return choice(call);
    if (call.name == "range") return range(call);
    if (call.name == "glob") return glob(call);
    if (call.name == "sort") return sorted(call);
    if (call.name == "shuffle") return shuffled(call);
    if (call.name == "tag") return tagged(call);
    if (call.name == "interval") {
      fail("interval() has no end of values",
           "Take a searching sampler (sweeper=random or sweeper=tpe), or range(...).");
    }
    if (std::find(kFunctions.begin(), kFunctions.end(), call.name) != kFunctions.end()) return cast(call);
    fail(fmt::format("there is no function '{}'", call.name),
         core::did_you_mean(call.name, kFunctions) + " To mean the text itself, quote the value.");
  }

  /// Positional arguments, and named ones that the function knows.
  Arguments checked(const FunctionCall& call, const std::vector<std::string>& names, std::size_t fewest,
                    std::size_t most) const {
    Arguments positional;
    for (const auto& argument : call.arguments) {
      if (argument.name.empty()) {
        positional.push_back(argument);
      } else if (std::find(names.begin(), names.end(), argument.name) == names.end()) {
        fail(fmt::format("{}() has no argument '{}'", call.name, argument.name),
             core::did_you_mean(argument.name, names));
      }
    }
    if (positional.size() < fewest || positional.size() > most) {
      fail(fmt::format("{}() has {} arguments", call.name, positional.size()),
           fewest == most ? fmt::format("It takes {}.", fewest) : fmt::format("It takes at least {}.", fewest));
    }
    return positional;
  }

  static const Element* named(const FunctionCall& call, const std::string& name) {
    const auto found = std::find_if(call.arguments.begin(), call.arguments.end(),
                                    [&](const auto& argument) { return argument.name == name; });
    return found != call.arguments.end() ? &found->element : nullptr;
  }

  static constexpr std::size_t kAny = 1000000;

  EvaluatedValues choice(const FunctionCall& call) const {
    EvaluatedValues all{{}, true};
    for (const auto& argument : checked(call, {}, 1, kAny)) append(all, evaluate(argument.element));
    return all;
  }

  Value number(const FunctionCall& call, const Element& element) const {
    const auto evaluated = evaluate(element);
    const bool is_number =
        evaluated.values.size() == 1 && (evaluated.values.front().is_integer() || evaluated.values.front().is_float());
    if (!is_number) fail(fmt::format("{}() needs numbers", call.name), "E.g. range(0,1,0.1).");
    return evaluated.values.front();
  }

  EvaluatedValues range(const FunctionCall& call) const {
    const auto positional = checked(call, {"start", "stop", "step"}, 0, 3);
    std::optional<Value> start, stop, step;
    if (positional.size() == 1) {
      stop = number(call, positional[0].element);
    } else if (positional.size() >= 2) {
      start = number(call, positional[0].element);
      stop = number(call, positional[1].element);
    }
    if (positional.size() == 3) step = number(call, positional[2].element);
    const auto take = [&](std::optional<Value>& place, const char* name) {
      const Element* element = named(call, name);
      if (element == nullptr) return;
      if (place && !(positional.size() == 1 && std::string(name) == "start")) {
        // range(1, stop=4): what looked like the end was the start.
        if (std::string(name) == "stop" && positional.size() == 1) {
          start = place;
        } else {
          fail(fmt::format("range() is given '{}' twice", name), "Give each once.");
        }
      }
      place = number(call, *element);
    };
    take(stop, "stop");
    take(start, "start");
    take(step, "step");
    if (!stop) fail("range() has no end", "E.g. range(5), range(1,5) or range(0,1,0.1).");
    auto values = decimal_range(start.value_or(Value(0)), *stop, step.value_or(Value(1)));
    if (!values) fail("the step of range() is 0 or not finite", "Give another step.");
    if (values->empty()) fail("range() has no values", "The stop must lie beyond the start, in the step's direction.");
    return {std::move(*values), true};
  }

  std::vector<std::string> patterns(const Element& element) const {
    std::vector<std::string> found;
    for (const auto& value : evaluate(element).values) {
      if (value.is_list()) {
        for (const auto& item : value.as_list()) found.push_back(plain_text(item));
      } else {
        found.push_back(plain_text(value));
      }
    }
    return found;
  }

  EvaluatedValues glob(const FunctionCall& call) const {
    const auto positional = checked(call, {"include", "exclude"}, 0, 2);
    std::vector<std::string> include, exclude;
    if (!positional.empty()) include = patterns(positional[0].element);
    if (positional.size() == 2) exclude = patterns(positional[1].element);
    if (const Element* element = named(call, "include")) include = patterns(*element);
    if (const Element* element = named(call, "exclude")) exclude = patterns(*element);
    const auto matches = [](const std::string& name, const std::vector<std::string>& all) {
      return std::any_of(all.begin(), all.end(), [&](const std::string& pattern) {
        // "*" means the group's own options; those of a sub-group are reached by its name.
        if (name.find('/') != std::string::npos && pattern.find('/') == std::string::npos) return false;
        return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
      });
    };
    const auto all = options_();
    EvaluatedValues found{{}, true};
    for (const auto& name : all) {
      if (matches(name, include) && !matches(name, exclude)) found.values.emplace_back(name);
    }
    if (found.values.empty()) fail("glob() matches no option", core::did_you_mean("", all));
    return found;
  }

  /// The values of sort() and shuffle(): several arguments, or one list, choice or range.
  EvaluatedValues members(const FunctionCall& call, const std::vector<std::string>& names, bool& is_list) const {
    const auto positional = checked(call, names, 1, kAny);
    is_list = false;
    if (positional.size() == 1) {
      auto only = evaluate(positional.front().element);
      if (!only.is_sweep && only.values.front().is_list()) {
        is_list = true;
        return {only.values.front().as_list(), false};
      }
      if (only.is_sweep) return only;
    }
    EvaluatedValues all{{}, true};
    for (const auto& argument : positional) append(all, evaluate(argument.element));
    return all;
  }

  EvaluatedValues finished(EvaluatedValues all, bool is_list) const {
    if (is_list) return {{Value(List(all.values.begin(), all.values.end()))}, false};
    return all;
  }

  EvaluatedValues sorted(const FunctionCall& call) const {
    bool is_list = false;
    auto all = members(call, {"reverse"}, is_list);
    bool is_reverse = false;
    if (const Element* reverse = named(call, "reverse")) {
      const auto flag = evaluate(*reverse);
      if (flag.values.size() != 1 || !flag.values.front().is_bool()) fail("reverse is not true or false", "");
      is_reverse = flag.values.front().as_bool();
    }
    const auto is_number = [](const Value& value) { return value.is_integer() || value.is_float(); };
    const auto is_text = [](const Value& value) { return value.is_string(); };
    const auto less = [&](const Value& a, const Value& b) {
      return is_text(a) ? a.as_string() < b.as_string() : a.as_float() < b.as_float();
    };
    if (!std::all_of(all.values.begin(), all.values.end(), is_number) &&
        !std::all_of(all.values.begin(), all.values.end(), is_text)) {
      fail("sort() is given values of different kinds", "Sort numbers or texts.");
    }
    std::stable_sort(all.values.begin(), all.values.end(),
                     [&](const Value& a, const Value& b) { return is_reverse ? less(b, a) : less(a, b); });
    return finished(std::move(all), is_list);
  }

  EvaluatedValues shuffled(const FunctionCall& call) const {
    bool is_list = false;
    auto all = members(call, {"seed"}, is_list);
    std::int64_t seed = 0;
    if (const Element* given = named(call, "seed")) {
      const auto value = evaluate(*given);
      if (value.values.size() != 1 || !value.values.front().is_integer()) fail("the seed is not an integer", "");
      seed = value.values.front().as_integer();
    }
    core::RandomStream random(static_cast<std::uint64_t>(seed), "override shuffle");
    random.shuffle(all.values);
    return finished(std::move(all), is_list);
  }

  /// Tags are for searches; the value is the last argument.
  EvaluatedValues tagged(const FunctionCall& call) const {
    const auto positional = checked(call, {}, 1, kAny);
    return evaluate(positional.back().element);
  }

  EvaluatedValues cast(const FunctionCall& call) const {
    const auto positional = checked(call, {}, 1, kAny);
    EvaluatedValues all{{}, positional.size() > 1};
    for (const auto& argument : positional) {
      const auto evaluated = evaluate(argument.element);
      all.is_sweep |= evaluated.is_sweep;
      append(all, evaluated);
    }
    for (auto& value : all.values) value = cast_value(call.name, value);
    return all;
  }

  Value cast_value(const std::string& kind, const Value& value) const {
    if (value.is_list()) {
      List items;
      for (const auto& item : value.as_list()) items.push_back(cast_value(kind, item));
      return Value(std::move(items));
    }
    if (value.is_map()) {
      MapEntries entries;
      for (const auto& [key, item] : value.as_map()) entries.emplace_back(key, cast_value(kind, item));
      return Value(std::move(entries));
    }
    if (kind == "str") return Value(plain_text(value));
    if (kind == "json") return from_json(value);
    if (kind == "bool") return to_bool(value);
    const Value read = value.is_string() ? read_plain_override(value.as_string()) : value;
    if (read.is_bool()) return kind == "int" ? Value(read.as_bool() ? 1 : 0) : Value(read.as_bool() ? 1.0 : 0.0);
    const bool is_number = read.is_integer() || read.is_float();
    // int('3.5') is an error in Python too, int(3.5) is not.
    if (!is_number || (kind == "int" && value.is_string() && read.is_float())) fail_cast(kind, value);
    if (kind == "float") return Value(read.as_float());
    if (read.is_integer()) return read;
    if (!(std::abs(read.as_float()) < 9.2e18)) fail_cast(kind, value);
    return Value(static_cast<std::int64_t>(read.as_float()));
  }

  [[noreturn]] void fail_cast(const std::string& kind, const Value& value) const {
    fail(fmt::format("{} cannot be cast by {}()", short_text(value), kind), "Give a value of that kind.");
  }

  Value to_bool(const Value& value) const {
    if (value.is_bool()) return value;
    if (value.is_integer() || value.is_float()) return Value(value.as_float() != 0);
    if (value.is_string()) {
      const Value read = read_plain_override(value.as_string());
      if (read.is_bool()) return read;
    }
    fail_cast("bool", value);
  }

  Value from_json(const Value& value) const {
    if (!value.is_string()) return value;
    try {
      return from_json_line(value.as_string(), override_.text);
    } catch (const core::ConfigError&) {
      fail(fmt::format("{} is not JSON", short_text(value)), "Quote it as a whole: json('{\"a\": 1}').");
    }
  }

  std::string plain_text(const Value& value) const {
    if (value.is_string()) return value.as_string();
    if (value.is_float()) {
      std::string text = core::shortest_text(value.as_float());
      if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
      return text;
    }
    return short_text(value);
  }

  const Override& override_;
  const std::function<std::vector<std::string>()>& options_;
};

}  // namespace

EvaluatedValues evaluate(const Override& override, const std::function<std::vector<std::string>()>& options) {
  return Evaluator(override, options).evaluate();
}

}  // namespace normadd::config
