"""Puts a chunk of customers into the queue of imports, over Redis, with BullMQ's own Python package (pip install bullmq).

NOT RUN BY OUR TESTS: it is written against the documented interface of that package. examples/foreign-producer.mjs does
the same with the npm package, and is run. The contract of the job is schemas/import-chunk-job.json.

    REDIS_URL=redis://127.0.0.1:6379 python3 import_producer.py CUSTOMERS.ndjson

A row is created once, however often its job is added: its key is import_id and line, or "key" where it has one.
"""

import asyncio
import json
import os
import sys

from bullmq import Queue

ROWS_IN_CHUNK = 500  # at most 1000


def chunks(path):
    """Yields lists of rows: the number of the line, and the parameters of createCustomer."""
    rows = []
    with open(path, encoding="utf-8") as source:
        for line, text in enumerate(source, start=1):
            if not text.strip():
                continue
            rows.append({"line": line, "params": json.loads(text)})
            if len(rows) == ROWS_IN_CHUNK:
                yield rows
                rows = []
    if rows:
        yield rows


async def main(path):
    queue = Queue(
        "import-customers",
        {
            "connection": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"),
            # The QUEUE_PREFIX of the service.
            "prefix": os.environ.get("QUEUE_PREFIX", "{createcustomer}"),
        },
    )
    try:
        for number, rows in enumerate(chunks(path), start=1):
            job = {
                "version": 1,
                "import_id": os.environ.get("IMPORT_ID", "python"),
                "chunk": number,
                "producer": "import_producer.py",
                "rows": rows,
            }
            # Few jobs are kept: each holds a whole chunk.
            await queue.add("import-customers", job, {"removeOnComplete": {"count": 100}})
            # What became of it: the tables import_chunks, import_failures and idempotency_keys.
    finally:
        await queue.close()


asyncio.run(main(sys.argv[1]))
