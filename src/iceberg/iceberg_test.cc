// Values, transforms and files of the format against the specification's vectors.

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/text.h"
#include "iceberg/avro.h"
#include "iceberg/manifest.h"
#include "iceberg/table_metadata.h"

namespace andon::iceberg {
namespace {

template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

Type T(const char* text) { return OK(ParseType(text)); }
Datum Value(const Type& type, std::string_view text) { return OK(FromText(type, text)); }

struct HashCase {
  const char* type;
  const char* text;
  int32_t hash;
};
TEST(Bucket, HashesAreThoseOfTheSpecification) {
  const HashCase kCases[] = {
      {"int", "34", 2017239379},
      {"long", "34", 2017239379},
      {"decimal(9,2)", "14.20", -500754589},
      {"date", "2017-11-16", -653330422},
      {"time", "22:31:08", -662762989},
      {"timestamp", "2017-11-16 22:31:08", -2047944441},
      {"timestamp", "2017-11-16 22:31:08.000001", -1207196810},
      {"timestamptz", "2017-11-16T14:31:08-08:00", -2047944441},
      {"string", "iceberg", 1210000089},
      {"uuid", "f79c3e09-677c-4bbd-a479-3f349cb785e7", 1488055340},
      {"binary", "\\x00\\x01\\x02\\x03", -188683207},
  };
  for (const HashCase& one : kCases) {
    Type type = T(one.type);
    EXPECT_EQ(static_cast<int32_t>(HashForBucket(type, Value(type, one.text))), one.hash)
        << one.type << " " << one.text;
  }
}

struct TransformCase {
  const char* transform;
  const char* type;
  const char* value;
  const char* result;
};
TEST(Transform, Results) {
  const TransformCase kCases[] = {
      {"identity", "string", "a", "a"},
      {"truncate[10]", "int", "1", "0"},
      {"truncate[10]", "int", "-1", "-10"},
      {"truncate[50]", "decimal(9,2)", "10.65", "10.50"},
      {"truncate[50]", "decimal(9,2)", "-0.05", "-0.50"},
      {"truncate[3]", "string", "iceberg", "ice"},
      {"truncate[2]", "string", "äöü", "äö"},
      {"truncate[2]", "binary", "\\x01\\x02\\x03", "\\x01\\x02"},
      {"year", "date", "1969-12-31", "-1"},
      {"year", "timestamp", "2017-11-16 22:31:08", "47"},
      {"month", "date", "1970-02-01", "1"},
      {"month", "date", "1969-12-31", "-1"},
      {"day", "timestamp", "1969-12-31 23:59:59", "1969-12-31"},
      {"day", "timestamptz", "2017-11-16 23:31:08-08:00", "2017-11-17"},
      {"hour", "timestamp", "1970-01-01 01:10:00", "1"},
      {"hour", "timestamp", "1969-12-31 23:10:00", "-1"},
  };
  for (const TransformCase& one : kCases) {
    Transform transform = OK(ParseTransform(one.transform));
    EXPECT_EQ(ToString(transform), one.transform);
    Type type = T(one.type);
    Datum result = Apply(transform, type, Value(type, one.value));
    EXPECT_EQ(ToText(OK(ResultType(transform, type)), result), one.result)
        << one.transform << " " << one.value;
    EXPECT_TRUE(IsNull(Apply(transform, type, {})));
  }
  EXPECT_TRUE(IsNull(Apply(OK(ParseTransform("void")), T("int"), Datum(int64_t{1}))));
  EXPECT_FALSE(ResultType(OK(ParseTransform("hour")), T("date")).ok());
  EXPECT_FALSE(ResultType(OK(ParseTransform("bucket[4]")), T("double")).ok());
  for (const char* wrong : {"bucket", "bucket[0]", "bucket[x]", "monthly", "truncate[", ""}) {
    EXPECT_FALSE(ParseTransform(wrong).ok()) << wrong;
  }
}

TEST(PartitionBy, WhatAUserWrites) {
  struct Case {
    const char* text;
    const char* column;
    const char* transform;
  };
  for (const Case& one :
       {Case{"month(payment_date)", "payment_date", "month"},
        Case{" bucket(16, id) ", "id", "bucket[16]"},
        Case{"truncate(4,name)", "name", "truncate[4]"}, Case{"country", "country", "identity"}}) {
    PartitionBy by = OK(ParsePartitionBy(one.text));
    EXPECT_EQ(by.column, one.column);
    EXPECT_EQ(ToString(by.transform), one.transform);
  }
  for (const char* wrong : {"", "moth(a)", "month()", "bucket(a)", "bucket(0, a)", "month(a, b)"}) {
    EXPECT_FALSE(ParsePartitionBy(wrong).ok()) << wrong;
  }
}

struct BytesCase {
  const char* type;
  const char* text;
  const char* hex;
};
TEST(Datum, SingleValueBytes) {
  const BytesCase kCases[] = {
      {"boolean", "true", "01"},
      {"int", "-2", "feffffff"},
      {"long", "1", "0100000000000000"},
      {"float", "1", "0000803f"},
      {"double", "1", "000000000000f03f"},
      {"date", "1970-01-02", "01000000"},
      {"timestamp", "1970-01-01 00:00:01", "40420f0000000000"},
      {"decimal(9,2)", "14.20", "058c"},
      {"decimal(9,2)", "-0.01", "ff"},
      {"decimal(9,2)", "1.28", "0080"},
      {"decimal(38,0)", "99999999999999999999999999999999999999",
       "4b3b4ca85a86c47a098a223fffffffff"},
      {"string", "ice", "696365"},
      {"uuid", "f79c3e09-677c-4bbd-a479-3f349cb785e7", "f79c3e09677c4bbda4793f349cb785e7"},
  };
  for (const BytesCase& one : kCases) {
    Type type = T(one.type);
    Datum value = Value(type, one.text);
    std::string bytes = Encode(type, value);
    EXPECT_EQ(HexEncode(bytes), one.hex) << one.type << " " << one.text;
    EXPECT_TRUE(OK(Decode(type, bytes)) == value) << one.type;
    EXPECT_TRUE(Value(type, ToText(type, value)) == value) << one.type;
  }
  // Older, narrower values of a widened column.
  EXPECT_EQ(std::get<int64_t>(OK(Decode(T("long"), std::string("\x05\0\0\0", 4)))), 5);
  EXPECT_EQ(std::get<double>(OK(Decode(T("double"), std::string("\0\0\x80\x3f", 4)))), 1.0);
  EXPECT_FALSE(Decode(T("long"), "abc").ok());
  EXPECT_FALSE(Decode(T("decimal(9,2)"), "").ok());
}

TEST(Datum, BadTexts) {
  const std::pair<const char*, const char*> kCases[] = {{"int", "1.5"},
                                                        {"int", ""},
                                                        {"boolean", "yes"},
                                                        {"date", "2020-13-01"},
                                                        {"date", "2020-02-30"},
                                                        {"timestamp", "2020-01-01 x"},
                                                        {"decimal(5,2)", "1.234"},
                                                        {"decimal(5,2)", "abc"},
                                                        {"uuid", "12"},
                                                        {"double", "1,5"}};
  for (const auto& [type, text] : kCases) {
    EXPECT_FALSE(FromText(T(type), text).ok()) << type << " " << text;
  }
}

TEST(Datum, BoundsStayBoundsWhenCut) {
  Type text = T("string");
  std::string kept = "exactly sixteen!";
  EXPECT_TRUE(TruncateUpper(text, kept, 16) == Datum(kept));
  EXPECT_TRUE(TruncateLower(text, kept + "x", 16) == Datum(kept));
  EXPECT_TRUE(TruncateUpper(text, kept + "x", 16) == Datum(std::string("exactly sixteen\"")));
  std::string highest;
  for (int i = 0; i < 17; ++i) highest += "\U0010FFFF";
  EXPECT_FALSE(TruncateUpper(text, highest, 16).has_value());
  EXPECT_TRUE(TruncateUpper(text, std::string("a\U0010FFFFxyz"), 2) == Datum(std::string("b")));
  EXPECT_TRUE(TruncateUpper(text, std::string("\uD7FFz"), 1) == Datum(std::string("\uE000")));
  EXPECT_TRUE(TruncateUpper(T("binary"), std::string("\x01\xff\x05"), 2) ==
              Datum(std::string("\x02")));
  EXPECT_FALSE(TruncateUpper(T("binary"), std::string("\xff\xff\xff"), 2).has_value());
  EXPECT_TRUE(TruncateUpper(T("long"), int64_t{7}, 1) == Datum(int64_t{7}));
  EXPECT_LT(Compare(-0.0, 0.0), 0);
}

TEST(Schema, TypesReadAndPrint) {
  for (const char* text :
       {"boolean", "decimal(38,10)", "fixed[3]", "list<string>", "map<string, decimal(5,2)>",
        "struct<a: int, b: list<struct<c: date>>>", "timestamptz"}) {
    EXPECT_EQ(ToString(T(text)), text);
  }
  for (const char* wrong : {"strng", "decimal(39,0)", "decimal(5,6)", "decimal(5)", "list<>",
                            "map<string>", "struct<a>", "fixed[0]", "", "list<int"}) {
    EXPECT_FALSE(ParseType(wrong).ok()) << wrong;
  }
  EXPECT_NE(ParseType("strng").error().message.find("\"string\""), std::string::npos);
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "list<";
  EXPECT_FALSE(ParseType(deep + "int" + std::string(1000, '>')).ok());
}

Schema Example() {
  std::vector<Field> fields = {
      {0, "id", T("long"), true, "The key."},
      {0, "tags", T("list<string>"), false, ""},
      {0, "place", T("struct<city: string, at: map<string, int>>"), false, ""}};
  int last = 0;
  AssignFieldIds(fields, &last);
  return {3, fields, {1}};
}

TEST(Schema, JsonRoundTripAndIds) {
  Schema schema = Example();
  EXPECT_EQ(schema.fields[2].id, 3);
  EXPECT_EQ(schema.HighestFieldId(), 8);
  EXPECT_EQ(schema.FindById(8)->name, "value");
  Schema again = OK(SchemaFromJson(OK(Json::Parse(ToJson(schema).Dump()))));
  EXPECT_TRUE(again.SameColumns(schema));
  EXPECT_EQ(again.id, 3);
  EXPECT_EQ(again.fields[0].doc, "The key.");
}

TEST(Schema, EvolutionKeepsIds) {
  Schema schema{0, {{1, "id", T("int"), true, ""}, {2, "name", T("string"), false, ""}}, {1}};
  auto evolve = [&](std::vector<Field> wanted, std::vector<Rename> renames = {}) {
    return Evolve(schema, 2, wanted, renames, {"id"});
  };
  Evolution same = OK(evolve({{0, "id", T("int"), true, ""}, {0, "name", T("string"), false, ""}}));
  EXPECT_FALSE(same.changed);
  Evolution more = OK(evolve({{0, "id", T("long"), true, ""},
                              {0, "title", T("string"), false, ""},
                              {0, "at", T("struct<x: double>"), true, ""}},
                             {{"name", "title"}}));
  EXPECT_TRUE(more.changed);
  EXPECT_EQ(more.schema.fields[1].id, 2);
  EXPECT_EQ(more.schema.fields[2].id, 3);
  EXPECT_EQ(more.last_column_id, 4);
  // Older rows have no such column, so it cannot be promised.
  EXPECT_FALSE(more.schema.fields[2].required);
  EXPECT_EQ(Join(more.says, "; "),
            "id: int is now long; renamed column name to title; added column at struct<x: double>");
  EXPECT_FALSE(evolve({{0, "id", T("string"), true, ""}}).ok());
  EXPECT_FALSE(CanPromote(T("decimal(9,2)"), T("decimal(9,3)")));
  EXPECT_TRUE(CanPromote(T("decimal(9,2)"), T("decimal(12,2)")));
  EXPECT_FALSE(CanPromote(T("long"), T("int")));
}

// An Avro file of one block as it is, with that schema.
std::string AvroOf(const std::string& schema, const std::string& block, int records) {
  auto number = [](size_t n) {
    std::string out;
    for (n *= 2; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
    return out + static_cast<char>(n);
  };
  const std::string sync(16, 's');
  return std::string("Obj\x01\x02", 5) + number(11) + "avro.schema" + number(schema.size()) +
         schema + number(0) + sync + number(static_cast<size_t>(records)) + number(block.size()) +
         block + sync;
}

TEST(Avro, FewBytesNeverStandForMuch) {
  // Two thousand nulls in each of many records, in no byte at all.
  std::string nulls;
  for (int i = 0; i < 2000; ++i) nulls += R"({"name":"n","type":"null"},)";
  nulls.pop_back();
  Result<avro::Container> many = avro::Read(AvroOf(
      R"({"type":"record","name":"r","fields":[)" + nulls + "]}", std::string(100, 'x'), 100));
  ASSERT_FALSE(many.ok());
  EXPECT_NE(many.error().message.find("more values than bytes"), std::string::npos);
  // Each record names the one before: ten thousand deep, though the text is flat.
  std::string chain = R"({"name":"f","type":{"type":"record","name":"r0","fields":[]}})";
  for (int i = 1; i < 10000; ++i) {
    chain += fmt::format(
        R"(,{{"name":"f","type":{{"type":"record","name":"r{}","fields":[{{"name":"g","type":"r{}"}}]}}}})",
        i, i - 1);
  }
  Result<avro::Container> deep =
      avro::Read(AvroOf(R"({"type":"record","name":"r","fields":[)" + chain + "]}", "", 0));
  ASSERT_FALSE(deep.ok());
  EXPECT_NE(deep.error().message.find("nested too deep"), std::string::npos);
}

TEST(Avro, ContainerRoundTripAndDamage) {
  Json schema = OK(Json::Parse(
      R"({"type":"record","name":"r","fields":[
        {"name":"i","type":"long","field-id":1},
        {"name":"s","type":["null","string"],"default":null,"field-id":2},
        {"name":"l","type":{"type":"array","items":"int"},"field-id":3},
        {"name":"m","type":{"type":"map","values":"double"},"field-id":4},
        {"name":"f","type":{"type":"fixed","name":"fx","size":3},"field-id":5},
        {"name":"b","type":"boolean","field-id":6}]})"));
  using V = avro::Value;
  std::vector<V> records;
  for (int64_t i : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    records.push_back(std::vector<V>{
        V(i), i == 0 ? V() : V(std::string("text")), V(std::vector<V>{V(1), V(-200), V(3000000)}),
        V(std::vector<V>{V(std::vector<V>{V(std::string("k")), V(1.5)})}), V(std::string("abc")),
        V(true)});
  }
  std::string bytes = avro::Write(schema, {{"content", "data"}}, records);
  EXPECT_EQ(avro::Write(schema, {{"content", "data"}}, records), bytes);
  avro::Container read = OK(avro::Read(bytes));
  ASSERT_EQ(read.records.size(), 4u);
  EXPECT_EQ(read.metadata["content"], "data");
  EXPECT_EQ(avro::FieldById(*read.schema, read.records[3], 1).AsInteger(), INT64_MIN);
  EXPECT_TRUE(avro::FieldById(*read.schema, read.records[0], 2).is_null());
  EXPECT_EQ(avro::FieldById(*read.schema, read.records[1], 3).items()[2].AsInteger(), 3000000);
  EXPECT_EQ(avro::FieldById(*read.schema, read.records[1], 4).items()[0].items()[1].AsDouble(),
            1.5);
  EXPECT_EQ(avro::FieldById(*read.schema, read.records[1], 5).AsString(), "abc");
  for (size_t cut = 0; cut + 1 < bytes.size(); ++cut) {
    (void)avro::Read(std::string_view(bytes).substr(0, cut));
  }
  // Every damaged byte gives an error or other values, never a crash.
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      (void)avro::Read(damaged);
    }
  }
  EXPECT_EQ(OK(avro::Read(avro::Write(schema, {}, {}))).records.size(), 0u);
}

TEST(Manifest, RoundTripInheritsNumbers) {
  Schema schema{0,
                {{1, "id", T("long"), true, ""},
                 {2, "amount", T("decimal(9,2)"), false, ""},
                 {3, "day", T("date"), false, ""},
                 {4, "who", T("uuid"), false, ""},
                 {5, "cost", T("decimal(9,2)"), false, ""}},
                {}};
  int last = 999;
  PartitionSpec spec = OK(MakeSpec(
      {{"amount", {}}, {"day", {}}, {"who", {}}, {"cost", {}}, {"id", {TransformKind::kBucket, 4}}},
      schema, {}, &last));
  EXPECT_EQ(last, 1004);
  std::vector<Type> types = PartitionTypes(spec, {schema});
  ManifestEntry added;
  added.status = EntryStatus::kAdded;
  added.snapshot_id = 7;
  added.file.path = "/lake/a.parquet";
  added.file.partition = {Value(types[0], "-1.50"), Value(types[1], "1969-12-31"),
                          Value(types[2], "f79c3e09-677c-4bbd-a479-3f349cb785e7"), Datum(),
                          Datum(int64_t{3})};
  added.file.record_count = 10;
  added.file.size_bytes = 1000;
  added.file.null_value_counts = {{1, 0}, {2, 3}};
  added.file.lower_bounds = {{1, Encode(T("long"), Datum(int64_t{-5}))}};
  added.file.split_offsets = {4};
  ManifestEntry existing = added;
  existing.status = EntryStatus::kExisting;
  existing.snapshot_id = 5;
  existing.sequence_number = 2;
  existing.file_sequence_number = 2;
  WrittenManifest written = WriteManifest("/lake/m.avro", schema, spec, types,
                                          ManifestContent::kData, {added, existing}, 7, 9);
  EXPECT_EQ(written.file.added_files, 1);
  EXPECT_EQ(written.file.existing_rows, 10);
  EXPECT_EQ(written.file.min_sequence_number, 2);
  EXPECT_TRUE(written.file.partitions[3].contains_null);
  EXPECT_EQ(*written.file.partitions[4].upper, Encode(T("int"), Datum(int64_t{3})));

  std::vector<ManifestFile> list =
      OK(ReadManifestList(WriteManifestList({written.file}, 7, std::nullopt, 9)));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].length, static_cast<int64_t>(written.bytes.size()));
  EXPECT_EQ(*list[0].partitions[4].lower, Encode(T("int"), Datum(int64_t{3})));
  std::vector<ManifestEntry> entries = OK(ReadManifest(written.bytes, list[0], spec, types));
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].sequence_number, 9);
  EXPECT_EQ(entries[1].sequence_number, 2);
  EXPECT_TRUE(entries[0].file.partition == added.file.partition);
  EXPECT_EQ(entries[0].file.lower_bounds, added.file.lower_bounds);
  EXPECT_EQ(entries[0].file.split_offsets, added.file.split_offsets);

  DataFile sent = OK(DataFileFromJson(OK(Json::Parse(ToJson(added.file, types).Dump())), types));
  EXPECT_TRUE(sent.partition == added.file.partition);
  EXPECT_EQ(sent.lower_bounds, added.file.lower_bounds);
  EXPECT_FALSE(ReadManifestList(written.bytes).ok());
  EXPECT_FALSE(ReadManifest("nonsense", list[0], spec, types).ok());
}

TEST(TableMetadata, RoundTripKeepsWhatItDoesNotKnow) {
  TableMetadata metadata =
      OK(NewTableMetadata("/lake/t", Example().fields, {}, {{"a", "b"}}, 1000, {"id"}));
  metadata.snapshots.push_back(
      {5, 4, 2, 1500, "/lake/t/metadata/x.avro", {{"operation", "append"}}, 0});
  metadata.current_snapshot_id = 5;
  metadata.refs["main"] = {5, Branch{.min_snapshots_to_keep = 3}, std::nullopt};
  metadata.refs["v1"] = {5, Tag{}, 100};
  metadata.snapshot_log = {{1500, 5}};
  metadata.unknown.emplace_back("statistics", Json::List({Json::Object({{"snapshot-id", 5}})}));
  std::string text = ToJsonText(metadata);
  TableMetadata again = OK(ParseTableMetadata(text));
  EXPECT_EQ(ToJsonText(again), text);
  EXPECT_TRUE(again.refs.at("main").is_branch());
  EXPECT_FALSE(again.refs.at("v1").is_branch());
  EXPECT_EQ(again.unknown.size(), 1u);
  EXPECT_EQ(again.AsOf(1499), nullptr);
  EXPECT_EQ(again.AsOf(1500)->id, 5);
}

TEST(TableMetadata, DamageIsToldAndNeverCrashes) {
  std::string text =
      ToJsonText(OK(NewTableMetadata("/lake/t", Example().fields, {}, {}, 1000, {})));
  const std::pair<const char*, const char*> kCases[] = {
      {"\"format-version\":2", "\"format-version\":3"},
      {"\"current-schema-id\":0", "\"current-schema-id\":8"},
      {"\"default-spec-id\":0", "\"default-spec-id\":8"},
      {"\"table-uuid\"", "\"table\""},
      {"\"long\"", "\"variant\""},
  };
  for (const auto& [from, to] : kCases) {
    std::string damaged = text;
    size_t at = damaged.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    damaged.replace(at, std::string_view(from).size(), to);
    Result<TableMetadata> read = ParseTableMetadata(damaged);
    ASSERT_FALSE(read.ok()) << to;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorrupt);
  }
  for (size_t cut = 0; cut < text.size(); cut += 7) {
    EXPECT_FALSE(ParseTableMetadata(std::string_view(text).substr(0, cut)).ok());
  }
}

}  // namespace
}  // namespace andon::iceberg
