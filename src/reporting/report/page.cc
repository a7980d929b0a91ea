// SPDX-License-Identifier: Apache-2.0
#include "reporting/report/page.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "core/error.h"
#include "reporting/escaping.h"
#include "reporting/report/assets.h"

namespace normadd::reporting {
namespace {

/// As a policy names a script: "sha256-" and base64.
std::string script_hash(std::string_view script) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  NORMADD_CHECK(EVP_Digest(script.data(), script.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1,
                "SHA-256 failed");
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return "sha256-" + std::string(encoded.begin(), encoded.begin() + length);
}

std::string navigation(const Page& page) {
  std::string links;
  for (const auto& section : page.sections) {
    if (section.html.empty()) continue;
    links += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, html_text(section.title));
  }
  return fmt::format("<nav aria-label=\"Sections\"><ul>\n{}</ul></nav>\n", links);
}

}  // namespace

std::string page_html(const Page& page) {
  std::string sections;
  for (const auto& section : page.sections) {
    if (section.html.empty()) continue;
    sections += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
        section.id, html_text(section.title), section.html);
  }
  const std::string_view script = report_script();
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '{hash}'; img-src 'self' data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="normadd report">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
{above}<h1>{title}</h1>
{below}</header>
<div class="columns">
{navigation}<main id="main">
{sections}</main>
</div>
<script>{script}</script>
</body>
</html>
)",
      fmt::arg("hash", script_hash(script)), fmt::arg("title", html_text(page.title)),
      fmt::arg("style", report_style()), fmt::arg("above", page.above), fmt::arg("below", page.below),
      fmt::arg("navigation", navigation(page)), fmt::arg("sections", sections), fmt::arg("script", script));
}

std::string link_to(std::string_view file) {
  // File names of a report are made of letters that stand for themselves; anything else is written as bytes.
  std::string link;
  for (const char c : file) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                          (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_' || byte == '.' || byte == '/';
    if (is_plain) {
      link += c;
    } else {
      link += fmt::format("%{:02X}", byte);
    }
  }
  return link;
}

}  // namespace normadd::reporting
