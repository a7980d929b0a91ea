// SPDX-License-Identifier: Apache-2.0
#include "config/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "config/override_functions.h"
#include "config/override_grammar.h"
#include "config/override_text.h"
#include "core/error.h"

namespace normadd::config {
namespace {

[[noreturn]] void fail(const Override& override, const std::string& what, const std::string& hint) {
  throw core::ConfigError(fmt::format("{} in '{}'", what, override.text), "command line", hint);
}

/// interval(a, b) below tags and int(): what it is, or nothing when the element is no interval.
struct Interval {
  double low = 0, high = 0;
  bool is_integer = false, is_logarithmic = false;
};

double number_of(const Override& override, const Element& element) {
  if (element.is_value() && (element.value().is_integer() || element.value().is_float())) {
    return element.value().as_float();
  }
  fail(override, "interval() needs two numbers", "E.g. interval(0,1).");
}

std::optional<Interval> interval_of(const Override& override, const Element& element) {
  if (element.is_value()) return std::nullopt;
  const FunctionCall& call = element.function();
  if (call.name == "interval") {
    const Element *low = nullptr, *high = nullptr;
    for (const auto& argument : call.arguments) {
      const bool is_low = argument.name == "start" || (argument.name.empty() && low == nullptr);
      const bool is_high = argument.name == "end" || (argument.name.empty() && !is_low && high == nullptr);
      if (!is_low && !is_high) fail(override, "interval() takes two numbers", "E.g. interval(0,1).");
      (is_low ? low : high) = &argument.element;
    }
    if (low == nullptr || high == nullptr) fail(override, "interval() takes two numbers", "E.g. interval(0,1).");
    return Interval{number_of(override, *low), number_of(override, *high)};
  }
  if (call.name != "int" && call.name != "float" && call.name != "tag") return std::nullopt;
  if (call.arguments.empty()) return std::nullopt;
  auto inner = interval_of(override, call.arguments.back().element);
  if (!inner) return std::nullopt;
  if (call.name == "int") inner->is_integer = true;
  if (call.name == "tag") {
    for (std::size_t i = 0; i + 1 < call.arguments.size(); ++i) {
      const Element& tag = call.arguments[i].element;
      inner->is_logarithmic |= tag.is_value() && tag.value() == Value("log");
    }
  }
  return inner;
}

std::string key_element(const Override& override) { return override.text.substr(0, override.text.find('=')); }

SearchDimension dimension_of(const Override& override, const Interval& interval) {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high) || interval.low >= interval.high) {
    fail(override, "the interval is empty", "Its end must be larger than its start.");
  }
  if (interval.is_logarithmic && interval.low <= 0) {
    fail(override, "a logarithmic interval begins at or below 0", "Begin above 0.");
  }
  SearchDimension dimension;
  dimension.key = key_element(override);
  dimension.kind = interval.is_integer ? SearchDimension::Kind::kInteger : SearchDimension::Kind::kFloat;
  dimension.low = interval.is_integer ? std::ceil(interval.low) : interval.low;
  dimension.high = interval.is_integer ? std::floor(interval.high) : interval.high;
  if (dimension.low > dimension.high) fail(override, "the interval holds no integer", "Widen it.");
  dimension.is_logarithmic = interval.is_logarithmic;
  return dimension;
}

bool is_range(const Override& override) {
  return override.elements.size() == 1 && !override.elements[0].is_value() &&
         override.elements[0].function().name == "range";
}

SearchDimension dimension_of(const Override& override, const std::vector<Value>& values) {
  SearchDimension dimension;
  dimension.key = key_element(override);
  if (!is_range(override) || values.size() < 2) {
    dimension.kind = SearchDimension::Kind::kChoice;
    dimension.choices = values;
    return dimension;
  }
  dimension.kind = values.front().is_integer() ? SearchDimension::Kind::kInteger : SearchDimension::Kind::kFloat;
  dimension.low = std::min(values.front().as_float(), values.back().as_float());
  dimension.high = std::max(values.front().as_float(), values.back().as_float());
  dimension.step = std::abs(values[1].as_float() - values[0].as_float());
  return dimension;
}

}  // namespace

std::string SearchDimension::override_with(const Value& value) const {
  return fmt::format("{}={}", key, override_text(value));
}

SearchSpace search_space(const std::vector<std::string>& overrides, const ConfigFiles& files) {
  SearchSpace space;
  for (const auto& text : overrides) {
    const Override override = parse_override(text);
    const auto interval =
        override.elements.size() == 1 ? interval_of(override, override.elements[0]) : std::optional<Interval>();
    if (interval) {
      space.dimensions.push_back(dimension_of(override, *interval));
      continue;
    }
    if (!override.is_sweep()) {
      space.fixed.push_back(text);
      continue;
    }
    const auto evaluated = evaluate(override, [&] { return files.options(override.key); });
    if (evaluated.is_sweep) {
      space.dimensions.push_back(dimension_of(override, evaluated.values));
    } else {
      space.fixed.push_back(text);
    }
  }
  return space;
}

Value draw(const SearchDimension& dimension, core::RandomStream& random) {
  if (dimension.kind == SearchDimension::Kind::kChoice) return random.pick(dimension.choices);
  if (dimension.step) {
    const auto count = static_cast<std::size_t>(std::llround((dimension.high - dimension.low) / *dimension.step)) + 1;
    const double value = dimension.low + static_cast<double>(random.index(count)) * *dimension.step;
    if (dimension.kind == SearchDimension::Kind::kInteger) return Value(static_cast<std::int64_t>(std::llround(value)));
    return Value(value);
  }
  const bool is_integer = dimension.kind == SearchDimension::Kind::kInteger;
  // Half a step beyond both ends, so that the outermost integers are as likely as the others.
  const double margin = is_integer ? 0.5 : 0.0;
  const double low = dimension.low - margin, high = dimension.high + margin;
  const double value =
      dimension.is_logarithmic ? std::exp(random.uniform(std::log(low), std::log(high))) : random.uniform(low, high);
  if (!is_integer) return Value(std::clamp(value, dimension.low, dimension.high));
  return Value(static_cast<std::int64_t>(std::llround(std::clamp(value, dimension.low, dimension.high))));
}

std::string optuna_distributions(const SearchSpace& space) {
  using Json = nlohmann::ordered_json;
  Json json = Json::object();
  for (const auto& dimension : space.dimensions) {
    if (dimension.kind == SearchDimension::Kind::kChoice) {
      Json choices = Json::array();
      for (const auto& choice : dimension.choices) choices.push_back(override_text(choice));
      json[dimension.key] = {{"name", "CategoricalDistribution"}, {"attributes", {{"choices", choices}}}};
    } else if (dimension.kind == SearchDimension::Kind::kInteger) {
      json[dimension.key] = {{"name", "IntDistribution"},
                             {"attributes",
                              {{"low", std::llround(dimension.low)},
                               {"high", std::llround(dimension.high)},
                               {"log", dimension.is_logarithmic},
                               {"step", std::llround(dimension.step.value_or(1))}}}};
    } else {
      json[dimension.key] = {{"name", "FloatDistribution"},
                             {"attributes",
                              {{"low", dimension.low},
                               {"high", dimension.high},
                               {"log", dimension.is_logarithmic},
                               {"step", dimension.step ? Json(*dimension.step) : Json()}}}};
    }
  }
  return json.dump();
}

}  // namespace normadd::config
