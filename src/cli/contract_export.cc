#include <fmt/format.h>

#include "base/text.h"
#include "cli/contract_source.h"
#include "cli/planning.h"
#include "contract/formats/hcl.h"
#include "contract/formats/json_schema.h"
#include "contract/formats/markdown.h"
#include "contract/formats/sql.h"
#include "hcl/format.h"
#include "io/local_file_system.h"

namespace andon::cli {
namespace {

const std::vector<std::string> kExports = {"odcs", "json", "jsonschema", "sql", "markdown", "hcl"};
const std::vector<std::string> kImports = {"odcs", "datacontract", "jsonschema", "sql"};

Result<void> CheckWord(std::string_view flag, const std::string& word,
                       const std::vector<std::string>& known) {
  if (word.empty() || std::find(known.begin(), known.end(), word) != known.end()) return {};
  std::string meant = DidYouMean(word, known);
  return Error::Invalid("-{} takes {}, not \"{}\"{}", flag, Join(known, ", "), word,
                        meant.empty() ? "." : fmt::format("; did you mean \"{}\"?", meant));
}

Result<void> Write(const Context& context, const Arguments& arguments, const std::string& text) {
  std::string file = arguments.String("out");
  if (!file.empty()) {
    io::LocalFileSystem files;
    return files.WriteAtomically(file, text);
  }
  if (context.json)
    context.Event(Json::Object({{"type", "contract_text"}, {"text", text}}));
  else
    context.Print(text);
  return {};
}

std::string Hcl(const contract::Document& document, const std::string& file) {
  std::string text = contract::WriteHcl(document, {.file = file});
  return hcl::Format(text);
}

Result<ExitCode> Export(Context& context, const Arguments& arguments) {
  std::string format = arguments.String("format", "odcs");
  TRY(CheckWord("format", format, kExports));
  ContractSource source = TRY(ReadContractSource(context, arguments, arguments.positional[0]));
  if (source.file && source.file->diagnostics.has_errors()) return ExitCode::kError;
  const contract::Document& document = source.document;
  std::string text;
  if (format == "odcs") text = contract::WriteOdcs(document);
  if (format == "json") text = document.json.Dump(2) + "\n";
  if (format == "jsonschema") text = contract::JsonSchemaOf(document).Dump(2) + "\n";
  if (format == "sql") text = contract::SqlOf(document);
  if (format == "markdown") text = contract::MarkdownOf(document);
  if (format == "hcl") text = Hcl(document, "");
  TRY(Write(context, arguments, text));
  return ExitCode::kDone;
}

Result<ExitCode> Import(Context& context, const Arguments& arguments) {
  std::string format = arguments.String("format");
  TRY(CheckWord("format", format, kImports));
  const std::string& word = arguments.positional[0];
  ContractSource source = TRY(ReadContractSource(
      context, arguments, word, {.format = format, .name = arguments.String("name")}));
  if (source.file && source.file->diagnostics.has_errors()) return ExitCode::kError;
  bool keeps = arguments.Bool("keep-file");
  if (keeps && source.format != "odcs") {
    return Error::Invalid(
        "Only a file of the Open Data Contract Standard can stay the truth; {} is {}.\nhelp: "
        "andon contract export {} -format=odcs makes one",
        word, source.format, word);
  }
  std::string to = arguments.String("to", "hcl");
  TRY(CheckWord("to", to, {"hcl", "odcs"}));
  TRY(Write(context, arguments,
            to == "odcs" ? contract::WriteOdcs(source.document)
                         : Hcl(source.document, keeps ? word : "")));
  return ExitCode::kDone;
}

ExitCode RunExport(Context& context, const Arguments& arguments) {
  auto code = Export(context, arguments);
  return code.ok() ? *code : context.Fail(code.error());
}

ExitCode RunImport(Context& context, const Arguments& arguments) {
  auto code = Import(context, arguments);
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace

extern const Command kContractExport = {
    .name = "contract export",
    .group = Group::kTest,
    .summary = "A contract as ODCS, JSON Schema, SQL, Markdown or HCL",
    .usage = "NAME|FILE|git:REF:FILE",
    .description =
        "Writes a contract of the project, or of a file, in another form: odcs (YAML of the Open "
        "Data Contract Standard 3.1, whole: schema, checks, terms, custom properties), json (the "
        "same as JSON), jsonschema (2020-12, of one row), sql (CREATE TABLE), markdown, hcl.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags({
        {"format", FlagKind::kString, "FORMAT", "odcs, json, jsonschema, sql, markdown or hcl."},
        {"out", FlagKind::kString, "FILE", "Writes to a file instead of standard output."},
    }),
    .examples = {{"andon contract export payment", "The whole of it, for other tools."},
                 {"andon contract export payment -format=jsonschema", "What one row is."}},
    .run = RunExport,
};

extern const Command kContractImport = {
    .name = "contract import",
    .group = Group::kTest,
    .summary = "HCL from a contract in ODCS, Data Contract Specification, JSON Schema or SQL",
    .usage = "FILE",
    .description =
        "Prints a dataset and a contract for each table. What HCL has no words for is kept in "
        "odcs = { … }, so that an export has everything again; rules that no check can prove are "
        "told in comments. With -keep-file the file stays the truth, and the dataset takes its "
        "columns and checks from it.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags({
        {"format", FlagKind::kString, "FORMAT",
         "odcs, datacontract, jsonschema or sql; without it the content tells."},
        {"to", FlagKind::kString, "FORM", "hcl (the default), or odcs."},
        {"keep-file", FlagKind::kBool, "",
         "The file stays the truth: file = …, columns = contract.x.columns."},
        {"name", FlagKind::kString, "NAME",
         "Of what has none: a schema without a title, a script."},
        {"out", FlagKind::kString, "FILE", "Writes to a file instead of standard output."},
    }),
    .examples = {{"andon contract import payment.odcs.yaml -out=payment.andon.hcl",
                  "A contract that somebody wrote."},
                 {"andon contract import schema.sql -name=shop", "A database's tables."}},
    .run = RunImport,
};

}  // namespace andon::cli
