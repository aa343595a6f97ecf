#include "quality/expectation.h"
#include "quality/type_name.h"

namespace andon::quality {

namespace {

constexpr Param kTypeList = {"type_list", ParamKind::kTypes, "The types; one of them is enough.",
                             true};

const sql::TableColumn* Find(const Args& args, const std::vector<sql::TableColumn>& columns) {
  for (const sql::TableColumn& column : columns) {
    if (column.name == args.String(kColumn)) return &column;
  }
  return nullptr;
}

Verdict IsOne(const Args& args, const std::vector<sql::TableColumn>& columns, const Param& types) {
  const sql::TableColumn* column = Find(args, columns);
  if (!column) return {};
  Verdict verdict{.observed = ObservedType(*column, args.dialect())};
  for (const std::string& type : args.Strings(types)) {
    if (!IsOfType(*column, type)) continue;
    verdict.success = true;
    // Asked in numpy's word for texts, it is told in it, as the reference does of files.
    if (args.dialect() == sql::Dialect::kDuckDb && (type == "object" || type == "object_"))
      verdict.observed = "object_";
  }
  return verdict;
}

Verdict IsType(const Args& args, const std::vector<sql::TableColumn>& columns) {
  return IsOne(args, columns, kTypeName);
}

}  // namespace

// Of a column, not of its values: in a table every value has the column's type. What a file held
// before is judged where it is read.
extern const std::vector<Expectation> kColumnTypes = {
    {
        .name = "expect_column_values_to_be_of_type",
        .says = "{column} is of type {type_}.",
        .params = {kColumn, kTypeName, kMostly},
        .on_delivery = true,
        .schema = IsType,
        .example = R"(
            column=id type_=BIGINT
            id:   1 2
            pass: "long"

            column=id type_=string
            id:   1 2
            fail: "long"
        )",
    },
    {
        .name = "expect_column_values_to_be_in_type_list",
        .says = "{column} is of one of the types {type_list}.",
        .params = {kColumn, kTypeList, kMostly},
        .on_delivery = true,
        .schema =
            [](const Args& args, const std::vector<sql::TableColumn>& columns) {
              return IsOne(args, columns, kTypeList);
            },
        .example = R"(
            column=id type_list=["int","long"]
            id:   1 2
            pass: "long"
        )",
    },
    {
        .name = "expect_column_type_to_be",
        .says = "The type of {column} is {type_}.",
        .params = {kColumn, kTypeName},
        .on_delivery = true,
        .schema = IsType,
        .example = R"(
            column=id type_=int64
            id:   1 2
            pass: "long"

            column=id type_=float64
            id:   1 2
            fail: "long"
        )",
    },
};

}  // namespace andon::quality
