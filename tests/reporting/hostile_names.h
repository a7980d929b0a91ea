// SPDX-License-Identifier: Apache-2.0
// Names that data may bring and that break whoever does not escape them.
#pragma once

#include <string>
#include <vector>

namespace normadd::test {

/// All different, none plain.
inline std::vector<std::string> hostile_names() {
  return {"",
          "\"quoted\" 'twice'",
          "<script>alert(1)</script>",
          "\" onmouseover=\"alert(1)",
          "_a_ % & # $ ~ ^ \\ { }",
          "\\input{/etc/passwd}",
          "a|b",
          "`code`",
          "line\nbreak\r\nand\ttab",
          "\u50b7\u3064\u304d \u00e9\u00df\u0159 \U0001f600",
          "\u202eright to left",
          std::string(300, 'x'),
          "../../up",
          "/absolute",
          "-option",
          ".hidden",
          "[2cm]",
          "*",
          "&amp;",
          "=1+1",
          "a,b;\"c\"",
          "Scratch",
          "NUL",
          "bad\xff\xc3utf8",
          "**bold** _emphasis_ [link](http://a.b)",
          "$98.1_{\\pm 0.3}$",
          std::string("nul\0byte", 8)};
}

}  // namespace normadd::test
