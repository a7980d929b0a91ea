// SPDX-License-Identifier: Apache-2.0
// The verbs. Each takes the arguments after its name, throws core::Error for bad input and returns the exit code.
#pragma once

#include <string>
#include <vector>

namespace normadd::tools {

using Arguments = std::vector<std::string>;

/// A shell's script, and the catalog that the build keeps beside the program.
int completion_command(const Arguments& arguments);
int config_command(const Arguments& arguments);
int report_command(const Arguments& arguments);
int run_command(const Arguments& arguments);
int cache_command(const Arguments& arguments);
int data_command(const Arguments& arguments);
int embed_command(const Arguments& arguments);
int evaluate_command(const Arguments& arguments);
int export_command(const Arguments& arguments);
int features_command(const Arguments& arguments);
int plot_command(const Arguments& arguments);
int predict_command(const Arguments& arguments);
int prompts_command(const Arguments& arguments);
int push_command(const Arguments& arguments);
int reproduce_command(const Arguments& arguments);
int table_command(const Arguments& arguments);
int train_command(const Arguments& arguments);
int validate_command(const Arguments& arguments);
int weights_command(const Arguments& arguments);

}  // namespace normadd::tools
