// What `andon init -from=…` brings along from another tool: files, and what has no equal here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace andon::cli {

struct Imported {
  struct File {
    std::string name;  // In the project's folder.
    std::string text;  // In the canonical format.
  };
  std::vector<File> files;
  std::vector<std::string> left;  // "checkpoint nightly: its action slack …": with the reason.
};

// Folders and files are relative to the project's. kNotFound, kInvalid: there is no such project,
// or it cannot be read; what cannot be carried over is no error, but among `left`.

// gx/great_expectations.yml with its suites, validation definitions and checkpoints (1.x).
Result<Imported> ImportGx(Context& context, const std::string& folder);
// dbt_project.yml with target/manifest.json.
Result<Imported> ImportDbt(Context& context, const std::string& folder);
// A file, or every file of a folder, of the Open Data Contract Standard ("odcs") or the Data
// Contract Specification ("datacontract").
Result<Imported> ImportContracts(Context& context, const Arguments& arguments,
                                 const std::string& format, const std::string& path);

}  // namespace andon::cli
