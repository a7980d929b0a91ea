// SPDX-License-Identifier: Apache-2.0
#include "reporting/figure_files.h"

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"

namespace normadd::reporting {

void write_figures(const std::filesystem::path& folder, const std::vector<Figure>& figures, bool with_svg) {
  using Json = nlohmann::ordered_json;
  Json all{{"format", 1}, {"figures", Json::array()}};
  for (const auto& figure : figures) {
    core::write_csv(folder / (figure.name + ".csv"), figure.points);
    if (with_svg) core::write_file_atomically(folder / (figure.name + ".svg"), figure.svg);
    Json entry{{"name", figure.name}, {"title", figure.title}, {"caption", figure.caption}};
    entry["drawing"] = Json::parse(figure.drawing);
    all["figures"].push_back(std::move(entry));
  }
  core::write_file_atomically(folder / "figures.json", all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace normadd::reporting
