"""A small export as Neuronpedia writes it, a bucket on this machine that hands it out, and an atlas
that it is imported into."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from playground.atlas import tables
from playground.models import registry
from playground.settings import Settings
from tests.test_atlas_store import CARDS as WIDTH
from tests.test_atlas_store import entry_row
from tests.test_atlas_store import write as write_atlas

MODEL, LAYER = "gpt2-small", "4-res-jb"
SOURCE = f"{MODEL}/{LAYER}"
ALL = {tables.neuronpedia_name(kind, "early") for kind in tables.NEURONPEDIA}
XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
Row = dict[str, Any]


def head(index: int) -> Row:
    return {"modelId": MODEL, "layer": LAYER, "index": str(index)}


def explanation(index: int, description: object, author: object = "gpt-4o-mini") -> Row:
    return head(index) | {
        "id": f"clx{index}", "authorId": "clkht01d40000jv08hvalcvly", "description": description,
        "embedding": str([0.01] * 256), "typeName": "oai_token-act-pair",
        "explanationModelName": author, "umap_x": 0.0, "umap_y": 0.0, "umap_cluster": 0,
        "umap_log_feature_sparsity": 0.0,
    }  # fmt: skip


def feature(index: int, share: object = 0.0037) -> Row:
    bars = [0.5] * 50
    return head(index) | {
        "maxActApprox": 88.3, "creatorId": "clkht01d40000jv08hvalcvly", "frac_nonzero": share,
        "freq_hist_data_bar_heights": bars, "freq_hist_data_bar_values": bars,
        "logits_hist_data_bar_heights": bars, "logits_hist_data_bar_values": bars,
        "neuron_alignment_indices": [], "decoder_weights_dist": [], "neg_str": ["Ġsea"] * 10,
        "neg_values": [-1.0] * 10, "pos_str": ["Ġcat"] * 10, "pos_values": [1.0] * 10,
        "sourceSetName": "res-jb", "topkCosSimIndices": [], "topkCosSimValues": [], "vector": [],
        "vectorLabel": None, "hookName": None, "vectorDefaultSteerStrength": 10, "hasVector": False,
    }  # fmt: skip


def activation(index: int, word: str, value: float, length: int = 128, at: int = 40) -> Row:
    values = [0.0] * length
    values[at] = value
    tokens = ["Ġof"] * length
    tokens[at] = word
    return head(index) | {
        "id": f"act{index}", "creatorId": "clkht01d40000jv08hvalcvly", "dataSource": "pile",
        "tokens": tokens, "maxValue": value, "minValue": 0.0, "values": values,
        "maxValueTokenIndex": at, "dfaValues": [], "dfaMaxValue": None, "dfaTargetIndex": None,
        "binContains": 0.25, "binMin": 0.0, "binMax": value,
    }  # fmt: skip


def lines(rows: Iterable[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """files: gzipped content by KIND/NAME."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, mtime=0))


def usual() -> dict[str, bytes]:
    """Two files of explanations: indices are sorted as texts, and some features have several."""
    return {
        "explanations/batch-0.jsonl.gz": lines(
            [
                explanation(1, "words about   felines"),
                explanation(10, "punctuation"),
                explanation(1, "purring", "claude-4-5-haiku"),
            ]
        ),
        "explanations/batch-1.jsonl.gz": lines([explanation(2, "the sea", None)]),
        "features/batch-0.jsonl.gz": lines(feature(n) for n in (0, 1, 10, 2)),
        "activations/batch-0.jsonl.gz": lines(
            [
                *(activation(10, f"Ġdot{n}", float(n)) for n in range(1, 8)),
                activation(1, "Ġcat", 9.0),
                activation(1, "Ġcat", 9.0),  # the site has many twice
                activation(1, "▁kitten", 11.0, length=12, at=11),
            ]
        ),
    }


# -- what it is imported into --------------------------------------------------------------------
def asked(data: Path, model: str = "gpt2") -> Settings:
    return Settings(model=model, data=data)


def atlas_in(data: Path) -> Path:
    """An atlas of GPT-2's sites early and late, in a data folder."""
    folder = registry.choose(asked(data)).atlas
    write_atlas(folder, [entry_row(site, n) for site in ("early", "late") for n in range(WIDTH)])
    meta = tables.read_json(folder / tables.META)
    for site in meta["sites"].values():
        site["width"] = WIDTH
    tables.write_json(folder / tables.META, meta)
    return folder


def imported(atlas: Path) -> set[str]:
    """Names of files that are Neuronpedia's, half ones too."""
    return {path.name for path in atlas.glob("*neuronpedia*")}


# -- a bucket ------------------------------------------------------------------------------------
class Bucket(ThreadingHTTPServer):
    """broken: keys of which only half comes; asked: paths and keys, in order."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {f"v1/{key}": content for key, content in files.items()}
        self.broken = set[str]()
        self.asked = list[str]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def listing(self, query: Mapping[str, str]) -> str:
        """As ListObjectsV2 answers, two files a page."""
        keys = sorted(key for key in self.files if key.startswith(query["prefix"]))
        if "delimiter" in query:
            size = len(query["prefix"])
            folders = {key[: key.index("/", size) + 1] for key in keys}
            inner = "".join(
                f"<CommonPrefixes><Prefix>{each}</Prefix></CommonPrefixes>" for each in folders
            )
        else:
            start = int(query.get("continuation-token", "0"))
            inner = "".join(
                f"<Contents><Key>{key}</Key><Size>{len(self.files[key])}</Size></Contents>"
                for key in keys[start : start + 2]
            )
            if start + 2 < len(keys):
                inner += f"<NextContinuationToken>{start + 2}</NextContinuationToken>"
        return f'<?xml version="1.0"?><ListBucketResult xmlns="{XMLNS}">{inner}</ListBucketResult>'


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        bucket = cast(Bucket, self.server)
        parts = urlsplit(self.path)
        key = parts.path.lstrip("/")
        bucket.asked.append(key)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        content = bucket.files[key] if key else bucket.listing(query).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        # As buckets say of .gz files that were put there by some tools.
        if key:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if key in bucket.broken else content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def bucket(files: Mapping[str, bytes]) -> Iterator[Bucket]:
    """files: by MODEL/SOURCE/KIND/NAME, as they are handed out."""
    server = Bucket(files)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
