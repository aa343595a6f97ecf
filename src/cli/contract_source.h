// The contract that an argument of `andon contract …` names: a file, a file of a commit, or a
// contract of the project.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "contract/document.h"
#include "contract/formats/odcs.h"
#include "definition/definition.h"

namespace andon::cli {

struct ContractSource {
  contract::Document document;
  std::string label;                       // As it was named.
  std::string format;                      // "odcs", "datacontract", "jsonschema", "sql", "hcl".
  std::optional<contract::ReadFile> file;  // Of "odcs": where everything stands.
  // Of a project's contract.
  std::optional<definition::Project> project;
  std::string address;

  const definition::Contract* declared() const;
};

// The project as its files declare it now, applied or not. Everything wrong with them is reported;
// kInvalid where something is.
Result<definition::Project> DeclaredProject(Context& context, const Arguments& arguments);

struct ContractReading {
  std::string format;   // Of a file; empty: told by its content.
  bool reports = true;  // Tells what is wrong with a file by the standard's schema.
  std::string name;     // Of what has no name of its own; empty: the file's.
};

// "payment.odcs.yaml", "git:main:payment.odcs.yaml" (as `git show` has it, of the repository around
// the working folder), "-" (standard input), or the name or address of a contract of the project.
// kNotFound where there is neither; kInvalid for a text that is no contract. A file of the standard
// that its schema refuses is returned all the same, with `file->diagnostics`.
Result<ContractSource> ReadContractSource(Context& context, const Arguments& arguments,
                                          const std::string& word,
                                          const ContractReading& reading = {});

// The text behind "git:REF:PATH", a file, or "-".
Result<std::string> ReadContractText(const Context& context, const std::string& word);

// True where the word is meant as a file.
bool NamesFile(const std::string& word);

// Two words of `contract show`: the contract of a project by name or address; kNotFound with
// did-you-mean.
Result<const definition::Contract*> FindContract(const definition::Project& project,
                                                 const std::string& word);

}  // namespace andon::cli
