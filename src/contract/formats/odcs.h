// Files of the Open Data Contract Standard: YAML or JSON, versions 3.0 and 3.1.
//
//   ReadFile read = ReadOdcs(text, "payment.odcs.yaml");
//   context.Report(read.diagnostics);
//   if (read.document) fmt::print("{}", WriteOdcs(*read.document));
//
// Reading and writing loses nothing but comments and the way of quoting.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "contract/document.h"
#include "yaml/tree.h"

namespace andon::contract {

struct ReadFile {
  std::optional<Document> document;  // Nothing where the text is no YAML or no mapping.
  std::optional<yaml::Node> tree;    // Where everything stands.
  Diagnostics diagnostics;

  // The place of a JSON pointer into the document, as a range of one position.
  SourceRange PlaceOf(std::string_view pointer) const;
  std::string filename;
};

// Reads, and judges by the standard's own JSON schema of 3.1; where `apiVersion` says 3.0, that of
// 3.0 will do as well. A document that the schema refuses is returned all the same, with the
// errors.
ReadFile ReadOdcs(std::string_view text, std::string filename);

// The violations of the standard's schema in a document that is in no file; empty where it is
// valid. "/status: …".
std::vector<std::string> OdcsViolations(const Json& document);

// As YAML.
std::string WriteOdcs(const Document& document);

// True for what has the standard's `kind`, or its `apiVersion` v3….
bool IsOdcs(const Json& document);

}  // namespace andon::contract
