// The messages about projects: one row is one code with its fixed summary and what
// `andon explain CODE` says. Those of syntax and evaluation are in hcl/codes.h.
#pragma once

#include <string>
#include <string_view>

#include "hcl/codes.h"

namespace andon::config {

using hcl::Code;

// clang-format off
#define ANDON_CONFIG_CODES(X)                                                                                                   \
  /* Columns: one code, wherever one is misspelled. */                                                                          \
  X(kUnknownColumn,      "AN1042", "Unknown column",                   "A check, a reference, a contract or a key names a column that the dataset does not have.") \
  /* Files and blocks. */                                                                                                       \
  X(kUnreadableFile,     "AN1101", "Cannot read a file",               "A file of the project is missing or cannot be read.")   \
  X(kDuplicate,          "AN1102", "Duplicate definition",             "Two blocks have one address, or two variables, locals or outputs one name. Names are unique over the types of a kind.") \
  X(kUnknownBlock,       "AN1103", "Unknown block type",               "No block of this kind exists in *.andon.hcl.")          \
  X(kInvalidName,        "AN1104", "Invalid name",                     "A name must begin with a letter or underscore and contain only letters, digits, underscores and dashes.") \
  X(kUnknownType,        "AN1105", "Unknown type of block",            "The first label of a source or channel names a type that does not exist.") \
  X(kNotYet,             "AN1106", "Not supported in this version",    "The block is known but this version cannot act on it, and does not pretend to.") \
  X(kWrongFile,          "AN1107", "Block in the wrong file",          "Tests stand in *.andontest.hcl and everything else in *.andon.hcl, so that a plan never sees a test.") \
  X(kInvalidType,        "AN1110", "Invalid type constraint",          "The type of a variable is no type.")                    \
  X(kInvalidDefault,     "AN1111", "Invalid default value",            "A default does not fit its type, or is not constant.")  \
  X(kInvalidSetting,     "AN1112", "Invalid setting",                  "A setting of a variable, output or lifecycle block is not what it must be.") \
  /* Variables. */                                                                                                              \
  X(kUndeclaredVariable, "AN1120", "Value for undeclared variable",    "A value was given for a variable that no file declares.") \
  X(kNoValue,            "AN1121", "No value for required variable",   "A variable without a default got no value.")            \
  X(kInvalidValue,       "AN1122", "Invalid value for variable",       "A value does not have the type of its variable, is null where that is not allowed, or a validation refused it.") \
  X(kInvalidVariables,   "AN1123", "Invalid variable definitions file","A file of variable values holds something else.")       \
  /* References. */                                                                                                             \
  X(kUndeclared,         "AN1130", "Reference to undeclared object",   "An expression names an object, variable or local that no file declares.") \
  X(kInvalidReference,   "AN1131", "Invalid reference",                "A reference has not the form that its first word asks for.") \
  X(kCycle,              "AN1132", "Reference cycle",                  "Objects need one another in a circle, so none of them can be first.") \
  X(kInvalidForEach,     "AN1133", "Invalid for_each",                 "for_each takes a map or a set of texts that is known.") \
  X(kInvalidCount,       "AN1134", "Invalid count",                    "count takes a whole number from 0 that is known.")      \
  X(kMustBeKnown,        "AN1135", "Value must be known at plan",      "An attribute that decides what is planned depends on something that only apply can tell.") \
  X(kWrongReference,     "AN1136", "Wrong kind of reference",          "An attribute takes a reference to another kind of object, or a reference where a text stands.") \
  /* Values. */                                                                                                                 \
  X(kWrongType,          "AN1140", "Wrong type of value",              "An attribute was given a value of another type.")       \
  X(kNotAllowed,         "AN1141", "Value not allowed",                "An attribute takes one of a few words.")                \
  X(kUnknownMember,      "AN1142", "Unsupported attribute of an object","An object in the value of an attribute has a name that is not part of it.") \
  X(kMissingMember,      "AN1143", "Missing attribute of an object",   "An object in the value of an attribute lacks what it must have.") \
  X(kSensitive,          "AN1144", "Sensitive value in a definition",  "Definitions are recorded and shown, so a sensitive value must not stand in them: use secret().") \
  X(kInvalidText,        "AN1145", "Invalid text",                     "A text in a small language (duration, cron, time zone, partition transform) cannot be read.") \
  X(kNoCheck,            "AN1146", "Not an expectation",               "A member of `checks` is something else than a call of an expectation.") \
  /* Tests of models. */                                                                                                         \
  X(kNoModel,            "AN1170", "Not a model",                      "Only a dataset that is made by SQL can be tested with given rows.") \
  X(kGiven,              "AN1171", "Invalid rows of a test",           "Rows are a list of objects, or CSV text with a header, of datasets that the model reads.") \
  X(kTestInterval,       "AN1172", "Interval of a test",               "A model that uses $start and $end is tested with both said, as times.") \
  /* dbt. */                                                                                                                    \
  X(kDbt,                "AN1180", "Cannot read a dbt project",        "The folder is no dbt project, or its target/manifest.json is missing or broken.") \
  X(kDbtTable,           "AN1181", "Unknown table of a dbt project",   "The manifest has no model, seed, snapshot or source of this name.") \
  X(kExternal,           "AN1182", "Invalid external dataset",         "A dataset of somebody else is checked in place and never written; what builds a table has no meaning for it.") \
  /* Datasets and contracts. */                                                                                                 \
  X(kHowMade,            "AN1160", "Dataset is not made",              "A dataset says how it is made: exactly one of from, sql, or external.") \
  X(kLoad,               "AN1161", "Invalid load",                     "A load mode lacks what it needs, or has what it has no use for.") \
  X(kModel,              "AN1162", "Model does not fit its columns",   "The columns that a dataset declares are not those that its SQL returns.") \
  X(kContract,           "AN1163", "Contract does not fit its dataset","A contract promises more than its dataset gives.")      \
  X(kContractFile,       "AN1166", "Contract says something twice",    "A contract that is a file of the Open Data Contract Standard is said by that file; only who it is about is said beside it.") \
  X(kNeed,               "AN1167", "Need cannot be proved",            "A need names columns or checks that the dataset does not have.") \
  X(kNoColumns,          "AN1164", "Columns are not declared",         "Something names a column of a dataset whose columns are not declared.") \
  X(kTableName,          "AN1165", "Two datasets with one table name", "Two datasets would write one table.")                   \
  /* Bodies of resources, data sources and providers. */                                                                         \
  X(kIncorrectValue,     "AN1221", "Incorrect attribute value type",   "An argument was given a value that cannot be converted to its type.") \
  X(kMissingBlock,       "AN1222", "Missing block",                    "The schema asks for more blocks of a type than are written.") \
  X(kTooManyBlocks,      "AN1223", "Too many blocks",                  "The schema allows fewer blocks of a type than are written.") \
  X(kDuplicateBlock,     "AN1224", "Duplicate block label",            "Two blocks of a type have one label, and labels tell them apart.") \
  X(kBlocksDiffer,       "AN1225", "Inconsistent argument types in blocks", "Blocks that form one set have arguments of different types.") \
  X(kBlockForm,          "AN1226", "Invalid form of a block",          "In a JSON file an object, or a list of objects, stands for the blocks of a type.") \
  X(kInvalidDynamic,     "AN1227", "Invalid dynamic block",            "A dynamic block has for_each and one content block; iterator names its variable, labels its labels.") \
  X(kInvalidDynamicForEach, "AN1228", "Invalid dynamic for_each value","for_each of a dynamic block takes a list, set, map, tuple or object.") \
  X(kInvalidDynamicLabel, "AN1229", "Invalid dynamic block label",     "A label of a block that a dynamic block makes must be a text that is known and may be shown.") \
  X(kDeprecatedArgument, "AN1230", "Argument is deprecated",           "The provider will drop the argument or block.") \
  X(kEphemeralStored,    "AN1231", "Ephemeral value used in non-ephemeral context", "An ephemeral value is never stored, so only write-only arguments take it.") \
  /* Planning. */                                                                                                               \
  X(kUnknownTarget,      "AN2001", "Unknown target",                   "-target names nothing that the project or the release has.") \
  X(kPreventDestroy,     "AN2002", "Object must not be destroyed",     "A plan would remove an object whose lifecycle has prevent_destroy.") \
  X(kRename,             "AN2003", "Probably a rename",                "An object is removed and one with the same definition added: its history and data stay with the old name.") \
  X(kBreaking,           "AN2107", "Breaking change to a promise",     "A plan takes back what a contract promises. It is compatible to keep it; otherwise the contract needs a new version, and its consumers agree or have had their notice.") \
  X(kContractVersion,    "AN2108", "Version does not fit the change",  "A contract changed, and its version did not go up by what the change demands.") \
  X(kAgainstStandard,    "AN2110", "Contract does not follow the standard", "A contract's file is not as the JSON schema of the Open Data Contract Standard has it.") \
  X(kUnreadableContract, "AN2111", "Contract cannot be read",          "A contract's file is no YAML, or no contract.") \
  X(kContradiction,      "AN2112", "Contract contradicts itself",      "A contract says something that cannot be true, or that cannot be checked by anyone.") \
  X(kDoubt,              "AN2113", "Contract leaves something open",   "A contract promises something in a way that nobody can prove.") \
  X(kNotRecorded,        "AN2010", "Cannot record what was applied",   "The control database refused; the next command finishes the release.") \
  X(kInterrupted,        "AN2011", "Interrupted",                      "An apply was stopped between two steps.") \
  X(kNoAnalyzer,         "AN1511", "Cannot analyze SQL",               "The SQL engine could not be opened.") \
  /* Terraform's language. The summary of a message says more exactly what is wrong. */                                          \
  X(kTerraformDuplicate, "AN1201", "Duplicate block",                  "Two blocks of Terraform's language declare the same thing in one module, or a block that may stand once stands twice.") \
  X(kTerraformName,      "AN1202", "Invalid name of a block",          "A label of a block of Terraform's language is no name, or a word that has a meaning of its own.") \
  X(kTerraformMeta,      "AN1203", "Invalid meta-argument",            "count, for_each, enabled, depends_on or provider has a form that it cannot have, or two exclude one another.") \
  X(kTerraformLifecycle, "AN1204", "Invalid lifecycle",                "A lifecycle block says what its resource cannot do.")   \
  X(kTerraformProvider,  "AN1205", "Invalid provider configuration",   "A provider block, its alias or instances, or what a module is handed of them, does not fit.") \
  X(kTerraformVersion,   "AN1206", "Invalid version",                  "A version constraint cannot be read, or excludes this version.") \
  X(kTerraformModule,    "AN1207", "Invalid module call",              "A module cannot be called as written, or its source cannot be read or is not installed.") \
  X(kTerraformOverride,  "AN1208", "Invalid override",                 "An override file changes what is not declared, or what must not be changed.") \
  X(kTerraformAddress,   "AN1209", "Invalid address of a block",       "moved, removed or import names something that it cannot name.") \
  X(kTerraformCondition, "AN1210", "Invalid condition",                "A validation, precondition, postcondition or assert checks nothing, or looks at what it must not.") \
  X(kTerraformProvisioner,"AN1211","Invalid provisioner",              "A provisioner or connection block cannot be used as written.") \
  X(kTerraformSettings,  "AN1212", "Invalid settings",                 "A terraform or language block has a setting that it cannot have.") \
  X(kTerraformReference, "AN1213", "Invalid reference of Terraform's", "An expression names something that the module does not declare, or in a form that it does not have.") \
  X(kTerraformStatic,    "AN1214", "Value must be known before planning","The source of a module, a backend or the instances of a provider may refer to variables and locals only.") \
  X(kTerraformJson,      "AN1215", "Invalid JSON configuration",       "A *.tf.json file is no JSON, or its values have not the form that blocks and arguments have in it.") \
  X(kTerraformCycle,     "AN1216", "Cycle",                            "Resources, values or modules need one another in a circle, so none of them can be first.") \
  X(kTerraformInput,     "AN1217", "Invalid input or output",          "A module is not given what it requires or is given what it does not take, or an output cannot be what it is declared to be.") \
  X(kTerraformDeprecated,"AN1218", "Deprecated form",                  "The form works, and will not for ever.") \
  X(kTerraformSchema,    "AN1219", "Configuration does not fit its schema","A resource or provider has an argument or block that its type does not have, or lacks one that it needs.") \
  /* Crossing the border to Terraform. */                                                                                       \
  X(kTerraformRefers,    "AN3001", "Terraform file refers to a data block", "A .tf file that refers to a block of *.andon.hcl no longer works under Terraform or OpenTofu.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_CONFIG_CODES)

inline Diagnostic Message(const Code& code, std::string detail, SourceRange subject) {
  Diagnostic d;
  d.code = code.code;
  d.summary = code.summary;
  d.detail = std::move(detail);
  d.subject = std::move(subject);
  return d;
}

inline void Report(Diagnostics* to, const Code& code, std::string detail, SourceRange subject,
                   std::string at_caret = {}) {
  Diagnostic d = Message(code, std::move(detail), std::move(subject));
  d.at_caret = std::move(at_caret);
  to->Add(std::move(d));
}

// `did you mean "x"?`, or nothing.
inline std::string Suggest(const std::string& meant) {
  return meant.empty() ? std::string() : "did you mean \"" + meant + "\"?";
}

}  // namespace andon::config
