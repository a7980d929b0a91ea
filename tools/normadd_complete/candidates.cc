// SPDX-License-Identifier: Apache-2.0
#include "normadd_complete/candidates.h"

#include <algorithm>
#include <exception>

#include "config/config_files.h"
#include "normadd_complete/override_candidates.h"

namespace normadd::completion {
namespace {

const Flag* find_flag(const Verb& verb, const std::string& spelling) {
  for (const auto& flag : verb.flags) {
    if (std::find(flag.spellings.begin(), flag.spellings.end(), spelling) != flag.spellings.end()) return &flag;
  }
  return nullptr;
}

/// The words after the verb, sorted into flags' values and everything else.
struct Words {
  config::ComposeRequest request;
  const Flag* pending = nullptr;  // a flag whose value the current word is
  bool has_experiment = false;    // the word that names one
};

Words sort_words(const Verb& verb, const std::vector<std::string>& words, std::size_t first,
                 const std::filesystem::path& configs) {
  Words sorted;
  std::filesystem::path own = configs;
  const auto take = [&](const Flag& flag, const std::string& value) {
    const auto is = [&](const char* name) {
      return std::find(flag.spellings.begin(), flag.spellings.end(), name) != flag.spellings.end();
    };
    if (is("--config-dir")) sorted.request.search_paths.emplace_back(value);
    if (is("--config-path")) own = value;
    if (is("--config-name")) sorted.request.config_name = value;
  };
  for (std::size_t i = first; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with('-')) {
      const bool is_name = !verb.experiments.empty() && word.find('=') == std::string::npos && !word.starts_with('~');
      sorted.has_experiment = sorted.has_experiment || is_name;
      sorted.request.overrides.push_back(is_name ? "experiment=" + word : word);
      continue;
    }
    const auto equals = word.find('=');
    const Flag* flag = find_flag(verb, word.substr(0, equals));
    if (flag == nullptr || !flag->takes_value) continue;
    if (equals != std::string::npos) {
      take(*flag, word.substr(equals + 1));
    } else if (i + 1 == words.size()) {
      sorted.pending = flag;
    } else {
      take(*flag, words[++i]);
    }
  }
  sorted.request.search_paths.push_back(own);
  return sorted;
}

class Answer {
 public:
  explicit Answer(const std::string& typed) : typed_(typed) {}
  void offer(const std::string& word, bool is_finished) {
    if (word.starts_with(typed_)) found_.push_back({word, is_finished});
  }
  void offer_all(const std::vector<std::string>& words) {
    for (const auto& word : words) offer(word, false);
  }
  std::vector<Candidate> sorted() {
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.word < b.word; });
    return std::move(found_);
  }

 private:
  const std::string& typed_;
  std::vector<Candidate> found_;
};

void offer_flag_values(Answer& answer, const Flag& flag, const config::ComposeRequest& request,
                       const std::string& before, const std::string& typed) {
  for (const auto& value : flag.values) answer.offer(before + value, true);
  if (!flag.values.empty()) return;
  if (std::find(flag.spellings.begin(), flag.spellings.end(), "--config-name") != flag.spellings.end()) {
    for (const auto& name : config::ConfigFiles(request.search_paths).options("")) answer.offer(before + name, true);
    return;
  }
  for (const auto& path : path_candidates(typed, false)) answer.offer(before + path, !path.ends_with('/'));
}

std::vector<Candidate> found(const Catalog& catalog, const TypedLine& line, const std::filesystem::path& configs) {
  Answer answer(line.current);
  std::string name;
  std::size_t num_named = 1;
  const Verb* verb = nullptr;
  for (auto at = catalog.verbs.find(name); at != catalog.verbs.end();) {
    verb = &at->second;
    if (num_named >= line.words.size() || verb->verbs.empty()) break;
    name += (name.empty() ? "" : " ") + line.words[num_named++];
    at = catalog.verbs.find(name);
    if (at == catalog.verbs.end()) return {};
  }
  if (verb == nullptr || line.words.empty()) return {};
  const Words words = sort_words(*verb, line.words, num_named, configs);
  if (words.pending != nullptr) {
    offer_flag_values(answer, *words.pending, words.request, "", line.current);
    return answer.sorted();
  }
  const auto equals = line.current.find('=');
  if (line.current.starts_with('-') && equals != std::string::npos) {
    if (const Flag* flag = find_flag(*verb, line.current.substr(0, equals))) {
      offer_flag_values(answer, *flag, words.request, line.current.substr(0, equals + 1),
                        line.current.substr(equals + 1));
    }
    return answer.sorted();
  }
  for (const auto& below : verb->verbs) answer.offer(below, true);
  if (line.current.starts_with('-')) {
    for (const auto& flag : verb->flags) {
      // One spelling of each is enough to choose from, but what is typed may be the short one.
      for (const auto& spelling : flag.spellings) {
        if (spelling.starts_with("--") || spelling == line.current) answer.offer(spelling, true);
      }
    }
  } else if (!verb->experiments.empty() && !words.has_experiment) {
    for (const auto& name :
         config::ConfigFiles(words.request.search_paths).options("experiment/" + verb->experiments)) {
      answer.offer(verb->experiments + "/" + name, true);
    }
  } else if (verb->takes_overrides) {
    answer.offer_all(override_candidates(catalog, words.request, line.current));
  } else if (verb->verbs.empty()) {
    for (const auto& path : path_candidates(line.current, verb->takes_folders))
      answer.offer(path, !path.ends_with('/'));
  }
  return answer.sorted();
}

}  // namespace

std::vector<Candidate> candidates(const Catalog& catalog, const TypedLine& line, const std::filesystem::path& configs) {
  try {
    return found(catalog, line, configs);
  } catch (const std::exception&) {
    // A message in the middle of somebody's typing helps nobody; the run itself will say what is wrong.
    return {};
  }
}

}  // namespace normadd::completion
