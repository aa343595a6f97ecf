#include "cli/contract_source.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "base/text.h"
#include "builtin/project.h"
#include "cli/ci_steps.h"
#include "cli/planning.h"
#include "contract/declared.h"
#include "contract/formats/datacontract.h"
#include "contract/formats/json_schema.h"
#include "contract/formats/sql.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "io/process.h"
#include "yaml/json.h"

namespace andon::cli {
namespace {

// "git:main:payment.odcs.yaml": the commit and the path.
Result<std::string> ReadFromGit(const std::string& word) {
  size_t colon = word.find(':', 4);
  if (colon == std::string::npos || colon == 4 || colon + 1 == word.size())
    return Error::Invalid("\"{}\" names no file of a commit: write git:REF:PATH.", word);
  std::string ref = word.substr(4, colon - 4), path = word.substr(colon + 1);
  if (ref.starts_with('-')) return Error::Invalid("\"{}\" is no name of a commit.", ref);
  if (!path.starts_with('/') && !path.starts_with("./")) path = "./" + path;
  auto done = io::Run({.argv = {"git", "show", fmt::format("{}:{}", ref, path)},
                       .time_limit = std::chrono::seconds(30)});
  if (!done.ok()) return std::move(done).error().In("git");
  if (!done->status.ok()) {
    std::string why(Trim(done->err));
    if (why.starts_with("fatal: ")) why = why.substr(7);
    return Error::NotFound("git has no {}: {}", word.substr(4), why);
  }
  return done->out;
}

std::string NameOfFile(const std::string& word) {
  std::string name = io::Basename(word.substr(word.rfind(':') + 1));
  return contract::IdentifierOf(name.substr(0, name.find('.')));
}

std::string FormatOf(const std::string& word, const Json& json) {
  if (contract::IsDataContractSpecification(json)) return "datacontract";
  if (contract::IsOdcs(json)) return "odcs";
  bool is_schema = json.Has("$schema") || (json.Has("properties") && json.Has("type"));
  return is_schema && !word.ends_with(".odcs.yaml") ? "jsonschema" : "odcs";
}

Result<ContractSource> FromText(Context& context, const std::string& word, const std::string& text,
                                const ContractReading& reading) {
  ContractSource out{.label = word, .format = reading.format};
  std::string name = reading.name.empty() ? NameOfFile(word) : reading.name;
  if (out.format.empty() && word.ends_with(".sql")) out.format = "sql";
  if (out.format == "sql") {
    auto json = contract::OdcsFromSql(text, name);
    if (!json.ok()) return std::move(json).error().In(word);
    out.document = contract::DocumentOf(*std::move(json));
    return out;
  }
  if (out.format.empty()) {
    auto json = yaml::ParseJson(text);
    out.format = json.ok() ? FormatOf(word, *json) : "odcs";
  }
  if (out.format == "odcs") {
    out.file = contract::ReadOdcs(text, word);
    context.sources.Add(word, text);
    if (reading.reports) context.Report(out.file->diagnostics);
    if (!out.file->document) return Error::Invalid("{} is no contract.", word);
    out.document = *out.file->document;
    return out;
  }
  auto json = yaml::ParseJson(text);
  if (!json.ok()) return std::move(json).error().In(word);
  out.document = contract::DocumentOf(out.format == "datacontract"
                                          ? contract::OdcsFromDataContractSpecification(*json)
                                          : contract::OdcsFromJsonSchema(*json, name));
  return out;
}

}  // namespace

const definition::Contract* ContractSource::declared() const {
  if (!project) return nullptr;
  for (const definition::Contract& contract : project->contracts) {
    if (contract.address == address) return &contract;
  }
  return nullptr;
}

Result<definition::Project> DeclaredProject(Context& context, const Arguments& arguments) {
  auto db = OpenDatabaseIfAny(context);
  builtin::ProjectFiles files = LoadProjectFiles(context, arguments, db.ok() ? db->get() : nullptr);
  if (files.diagnostics.has_errors()) {
    context.Report(files.diagnostics);
    return Error::Invalid("The project has mistakes, told above.");
  }
  return DeclaredBy(files);
}

bool NamesFile(const std::string& word) {
  if (word == "-" || word.starts_with("git:")) return true;
  if (word.starts_with("contract.") && word.find('/') == std::string::npos) return false;
  if (word.find('/') != std::string::npos || word.find('.') != std::string::npos) return true;
  io::LocalFileSystem files;
  return files.Exists(word);
}

Result<std::string> ReadContractText(const Context&, const std::string& word) {
  if (word.starts_with("git:")) return ReadFromGit(word);
  if (word == "-") {
    std::stringstream text;
    text << std::cin.rdbuf();
    return std::move(text).str();
  }
  io::LocalFileSystem files;
  return files.Read(word);
}

Result<const definition::Contract*> FindContract(const definition::Project& project,
                                                 const std::string& word) {
  std::vector<std::string> names;
  for (const auto& contract : project.contracts) {
    if (contract.address == word || contract.name == word) return &contract;
    names.push_back(contract.name);
  }
  std::string meant = DidYouMean(word, names);
  return Error::NotFound("There is no contract \"{}\"{}", word,
                         meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
}

Result<ContractSource> ReadContractSource(Context& context, const Arguments& arguments,
                                          const std::string& word, const ContractReading& reading) {
  if (NamesFile(word)) {
    std::string text = TRY(ReadContractText(context, word));
    return FromText(context, word, text, reading);
  }
  definition::Project project = TRY(DeclaredProject(context, arguments));
  const definition::Contract* contract = TRY(FindContract(project, word));
  ContractSource out{.document = contract::DocumentOf(project, *contract),
                     .label = contract->address,
                     .format = "hcl",
                     .address = contract->address};
  out.project = std::move(project);
  return out;
}

}  // namespace andon::cli
