// SPDX-License-Identifier: Apache-2.0
// The shell of a report's page: head, navigation, sections. What is put in as HTML must be escaped already.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace normadd::reporting {

struct PageSection {
  std::string id;     // letters and '-'
  std::string title;  // plain text
  std::string html;   // empty = the section is left out
};

struct Page {
  std::string title;  // plain text
  /// What stands above the title: where one is. HTML.
  std::string above;
  /// A line below the title. HTML.
  std::string below;
  std::vector<PageSection> sections;
};

/// One HTML file that loads nothing but pictures beside it: its policy forbids every other script, style and address.
std::string page_html(const Page& page);

/// A relative link to a file of the report, safe in an attribute.
std::string link_to(std::string_view file);

}  // namespace normadd::reporting
