// `andon test` of *.tftest.hcl and *.tofutest.hcl: found, selected, run, and told as lines or
// events.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "infratest/runner.h"

namespace andon::cli {

// Those of the folder and of its folder of tests, decoded. Mistakes are in the files.
std::vector<infratest::TestFile> FindInfrastructureTests(const Arguments& arguments);

// Whether a word of the command line means the file: its path or its name alone.
bool IsFileMeant(const infratest::TestFile& file, const std::string& word);

// Runs them all and tells what becomes of each. Nothing where the configuration or a file of tests
// is wrong, which is reported.
Result<infratest::Totals> RunInfrastructureTests(Context& context, const Arguments& arguments,
                                                 const std::vector<infratest::TestFile>& tests);

}  // namespace andon::cli
