// SPDX-License-Identifier: Apache-2.0
#include "config/value_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "config/compose.h"
#include "config/fingerprint.h"
#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::config {
namespace {

TEST(ValueJson, ComesBackWithKindsOrderAndEveryByte) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Value value(MapEntries{{"z", Value(1)},
                               {"a", Value(1.0)},
                               {"e", Value(1e-300)},
                               {"third", Value(1.0 / 3.0)},
                               {"zero", Value(-0.0)},
                               {"huge", Value(std::numeric_limits<std::int64_t>::min())},
                               {"limits", Value(List{Value(infinity), Value(-infinity), Value(), Value(true)})},
                               {"empty", Value(MapEntries{})},
                               {"none", Value(List{})},
                               {"text", Value("quote \" back \\ line\nnull \xC3\xA9 ${a}")},
                               {"bytes", Value("\xFF\xFE")},
                               {"$float", Value("nan")},
                               {"nested", Value(MapEntries{{"$bytes", Value("ff")}})}});
  const std::string line = to_json_line(value);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Value read = from_json_line(line, "here");
  EXPECT_TRUE(read == value) << line;
  EXPECT_EQ(fingerprint(read), fingerprint(value));
  EXPECT_TRUE(std::isnan(from_json_line(to_json_line(Value(std::nan(""))), "here").as_float()));
}

TEST(ValueJson, TheShippedConfigurationComesBack) {
  const auto composed = compose({{std::string(NORMADD_SOURCE_DIR) + "/configs"}, "config", {}});
  EXPECT_TRUE(from_json_line(to_json_line(composed.config), "here") == composed.config);
}

TEST(ValueJson, DamageIsNamed) {
  for (const char* text : {"", "{", "nonsense", R"({"$float":"x"})", R"({"$bytes":"f"})", R"({"$other":"x"})",
                           R"({"$float":"nan","b":1})"}) {
    SCOPED_TRACE(text);
    test::expect_error<core::ConfigError>([&] { from_json_line(text, "jobs.jsonl:3"); }, {"jobs.jsonl:3", "damaged"});
  }
}

}  // namespace
}  // namespace normadd::config
