// The tests of a project's models: the `run` blocks of *.andontest.hcl as cases that can be run.
//
//   ProjectFiles project = LoadProject(files, ".", {.with_tests = true});
//   for (const ModelTest& test : ModelTests(project)) modeltest::Run(connection, test.made, clock);
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "builtin/project.h"
#include "modeltest/case.h"

namespace andon::builtin {

struct ModelTest {
  std::string name;  // "revenue_is_summed", with its key where it has one.
  std::string description;
  SourceRange declared;
  std::string target;  // Address of the dataset.
  // What it sets for itself: the project is to be read again with these before it is made.
  std::vector<std::pair<std::string, value::Value>> variables;
  modeltest::Case made;
};

// In the order of the files. Tests that are wrong are left out: `project.diagnostics` tells them.
// Requires: the project was loaded with_tests.
std::vector<ModelTest> ModelTests(ProjectFiles& project);

}  // namespace andon::builtin
