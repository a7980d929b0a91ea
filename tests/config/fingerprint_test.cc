// SPDX-License-Identifier: Apache-2.0
#include "config/fingerprint.h"

#include <gtest/gtest.h>

#include <set>

namespace normadd::config {
namespace {

TEST(Fingerprint, TellsKindsContentsAndPlacesApart) {
  const std::vector<Value> values{
      Value(),
      Value(true),
      Value(false),
      Value(0),
      Value(1),
      Value(0.0),
      Value(1.0),
      Value(""),
      Value("1"),
      Value("ab"),
      Value(List{}),
      Value(List{Value("a"), Value("b")}),
      Value(List{Value("ab")}),
      Value(List{Value(List{Value("a")}), Value("b")}),
      Value(MapEntries{}),
      Value(MapEntries{{"a", Value("b")}}),
      Value(MapEntries{{"ab", Value("")}}),
      Value(MapEntries{{"a", Value()}, {"b", Value()}}),
      Value(MapEntries{{"b", Value()}, {"a", Value()}}),
  };
  std::set<std::string> names;
  for (const auto& value : values) {
    EXPECT_EQ(fingerprint(value).size(), 32u);
    EXPECT_TRUE(names.insert(fingerprint(value)).second) << short_text(value);
  }
}

TEST(Fingerprint, DoesNotDependOnWhereAValueWasWritten) {
  Value here("x"), there("x");
  here.source = {"a.yaml", 3};
  there.source = {"command line", 0};
  EXPECT_EQ(fingerprint(here), fingerprint(there));
}

}  // namespace
}  // namespace normadd::config
