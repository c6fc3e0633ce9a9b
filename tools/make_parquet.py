"""Writes the Parquet files that packages/bench tests read, as the Hugging Face hub lays out a data set. Needs pyarrow."""
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

target = Path(sys.argv[1])


def write(name, rows, compression, **options):
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, compression=compression, **options)


def rows(first, count):
    return [
        {"id": i, "system": "Be brief.", "question": f"What comes after {i}?", "answer": " ".join(["one"] * (i + 1)), "choices": ["a", "b"]}
        for i in range(first, first + count)
    ]


write("qa/data/train-00000-of-00002.parquet", rows(0, 5), "snappy", row_group_size=2)
write("qa/data/train-00001-of-00002.parquet", rows(5, 3), "zstd")
write("qa/data/test-00000-of-00001.parquet", rows(100, 2), "gzip")
write("pictures/train.parquet", [{"image": b"\x89PNG", "question": "What is it?"}], "snappy")
