"""Real PyIceberg on Andon's lake: reads everything, and writes beside us.

usage: pyiceberg_reads.py DATABASE [--append TABLE] [--delete TABLE FILTER] [--rename TABLE OLD NEW]

Opens the control database as its SQL catalog "andon", reads every snapshot, branch
and tag of every table, and compares the rows with what the snapshot's summary
says. Prints one JSON object: table -> {"refs": {name: rows}, "snapshots": {id: rows},
"columns": [...], "files": n}. Then makes the changes asked for, as any other tool
would. Exits with 1 where something cannot be read or does not agree.
"""

import argparse
import json
import sys
import warnings

from pyiceberg.catalog.sql import SqlCatalog


def read_table(table):
    """What a reader of the table sees, of every ref and snapshot."""
    result = {"refs": {}, "snapshots": {}, "columns": [], "files": 0, "errors": []}
    for snapshot in table.metadata.snapshots:
        rows = table.scan(snapshot_id=snapshot.snapshot_id).to_arrow()
        result["snapshots"][str(snapshot.snapshot_id)] = rows.num_rows
        told = snapshot.summary.additional_properties.get("total-records")
        if told is not None and int(told) != rows.num_rows:
            result["errors"].append(
                f"snapshot {snapshot.snapshot_id}: {rows.num_rows} rows, its summary says {told}"
            )
    for name, ref in table.metadata.refs.items():
        result["refs"][name] = result["snapshots"][str(ref.snapshot_id)]
    result["columns"] = [f"{field.name}: {field.field_type}" for field in table.schema().fields]
    if table.current_snapshot() is not None:
        main = table.scan()
        planned = list(main.plan_files())
        result["files"] = len(planned)
        # The statistics in the manifests must not rule out rows that are there.
        rows = main.to_arrow()
        for field in table.schema().fields:
            if not field.field_type.is_primitive or rows.num_rows == 0:
                continue
            value = rows[field.name][0].as_py()
            if value is None or isinstance(value, (float, bytes)):
                continue
            from pyiceberg.expressions import EqualTo

            found = table.scan(row_filter=EqualTo(field.name, value)).to_arrow().num_rows
            expected = sum(1 for cell in rows[field.name].to_pylist() if cell == value)
            if found != expected:
                result["errors"].append(f"{field.name} = {value!r}: {found} rows, not {expected}")
    return result


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("database")
    parser.add_argument("--append")
    parser.add_argument("--delete", nargs=2)
    parser.add_argument("--rename", nargs=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    catalog = SqlCatalog("andon", uri=f"sqlite:///{options.database}")
    tables = {}
    for namespace in catalog.list_namespaces():
        for identifier in catalog.list_tables(namespace):
            tables[identifier[-1]] = catalog.load_table(identifier)
    report = {name: read_table(table) for name, table in tables.items()}
    print(json.dumps(report))
    if options.append:
        table = tables[options.append]
        rows = table.scan(limit=1).to_arrow()
        table.append(rows.cast(table.schema().as_arrow()))
    if options.delete:
        tables[options.delete[0]].delete(options.delete[1])
    if options.rename:
        with tables[options.rename[0]].update_schema() as update:
            update.rename_column(options.rename[1], options.rename[2])
    return 1 if any(table["errors"] for table in report.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
