"""Compare extraction with transformers' pipeline and with plain ONNX Runtime: the same weights, the same texts, taking turns in one run.

    python -m benchmarks.throughput                        # prints the table; 2 threads each
    python -m benchmarks.throughput --write docs/speed.md  # and writes it into that page

- *extractor*: `healthevents.Extractor`, text in, records out.
- *pipeline*: transformers' `pipeline("token-classification")` in float32 with the weights that the model's 8-bit ones stand for, at its default batch size (1)
  and at the best of BATCH_SIZES. Long texts are read to their end by its stride option; its own post-processing runs once for each of the four heads,
  so that it gives mentions. It links nothing and builds no records.
- *onnx*: the model's graph on ONNX Runtime as it comes, window after window without overlap, best label of each token; no records either.

Each is a process of its own that opens its model, warms up and waits; they take turns at all texts (the seeds and training documents, mixed in length and
language), and a ratio is the median over rounds of two neighbouring runs, so that other work on the machine weighs on both. The rate of matrix products is
measured between the runs too; a model's share of it counts the products of the encoder alone. Memory is the peak of each process.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from healthevents import Document, read_documents
from healthevents.annotations import read_annotations
from healthevents.extraction import BUNDLED_MODEL

ROOT = Path(__file__).parents[1]
BATCH_SIZES = (2, 4, 8, 16)
OVERLAP = 64  # tokens that the pipeline's windows share, as the extractor's do
FIRST = 'import healthevents; print(healthevents.extract("澄影医疗完成近1.5亿元B轮融资，远砾资本领投，海棠创投跟投。")[0].id)'


class Took(NamedTuple):
    """What one run took, and what its process has taken at most so far."""

    seconds: float
    processor_seconds: float
    peak_mb: float
    found: int


Contender = Callable[[Sequence[Document], int], int]
_running: dict[str, Contender] = {}


def open_extractor(model: Path, _: Path, threads: int) -> Contender:
    """Return the extractor as a function that counts the records of documents."""
    from healthevents import Extractor

    extractor = Extractor(model, threads=threads)
    return lambda documents, _: sum(len(records) for _, records in extractor.stream(documents))


def open_onnx(model: Path, _: Path, threads: int) -> Contender:
    """Return the bare graph as a function that counts the tagged tokens of documents."""
    import onnxruntime
    from tokenizers import Tokenizer

    from healthevents.backends import read_settings

    settings, tokenizer = read_settings(model), Tokenizer.from_file(str(model / "tokenizer.json"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model / "model.onnx"), options, providers=["CPUExecutionProvider"])
    begin, end = tokenizer.token_to_id("<s>"), tokenizer.token_to_id("</s>")

    def run(documents: Sequence[Document], _: int) -> int:
        found = 0
        for document in documents:
            ids = tokenizer.encode(document.text, add_special_tokens=False).ids
            for at in range(0, len(ids), settings.window):
                logits = session.run(["logits"], {"input_ids": [[begin, *ids[at : at + settings.window], end]]})[0]
                found += sum(int(logits[0, :, settings.slices[head]].argmax(axis=1).astype(bool).sum()) for head in settings.tags)
        return found

    return run


def open_pipeline(_: Path, checkpoint: Path, threads: int) -> Contender:
    """Return transformers' pipeline as a function that counts the mentions of documents."""
    import torch
    from transformers import TokenClassificationPipeline, pipeline

    from healthevents.labels import TAGS, head_slices

    class FourHeads(TokenClassificationPipeline):  # type: ignore[misc]
        """Post-processes the labels of each head on their own."""

        def postprocess(self, outputs: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
            found = []
            for head, labels in head_slices(TAGS, {}).items():
                self.model.config.id2label = dict(enumerate(TAGS[head]))
                found += super().postprocess([{**output, "logits": output["logits"][..., labels]} for output in outputs], **options)
            return found

    torch.set_num_threads(threads)
    tagger = pipeline("token-classification", model=str(checkpoint), pipeline_class=FourHeads, aggregation_strategy="simple", stride=OVERLAP, device="cpu")
    return lambda documents, batch: sum(len(found) for found in tagger([document.text for document in documents], batch_size=batch))


CONTENDERS = {"extractor": open_extractor, "pipeline": open_pipeline, "onnx": open_onnx}


def save_checkpoint(model: Path, folder: Path) -> int:
    """Write the model as transformers knows it, in float32; return how many products a token takes in the encoder's layers, attention aside."""
    import torch
    from transformers import BertForTokenClassification, PreTrainedTokenizerFast

    from healthevents.backends import read_settings
    from training.train import open_model

    tagger = open_model(model)
    config = tagger.encoder.config
    config.num_labels = sum(head.out_features for head in tagger.tags.values())
    theirs = BertForTokenClassification(config).eval()
    theirs.bert.load_state_dict(tagger.encoder.state_dict())
    with torch.no_grad():
        theirs.classifier.weight.copy_(torch.cat([head.weight for head in tagger.tags.values()]))
        theirs.classifier.bias.copy_(torch.cat([head.bias for head in tagger.tags.values()]))
    theirs.save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(model / "tokenizer.json"), bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>",
        unk_token="<unk>", model_max_length=read_settings(model).window + 2,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    return sum(layer.weight.numel() for layer in theirs.bert.encoder.modules() if isinstance(layer, torch.nn.Linear))


def _open(contender: str, model: Path, checkpoint: Path, threads: int) -> None:
    _running[contender] = CONTENDERS[contender](model, checkpoint, threads)


def _run(contender: str, documents: Sequence[Document], batch: int) -> Took:
    begun, spent = time.perf_counter(), time.process_time()
    found = _running[contender](documents, batch)
    return Took(time.perf_counter() - begun, time.process_time() - spent, peak_memory() / 1e6, found)


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.is_file():  # on Linux getrusage counts what the parent held when it started this process too
        (peak,) = re.findall(r"VmHWM:\s*(\d+) kB", status.read_text("ascii"))
        return int(peak) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Worker:
    """A contender in a process of its own."""

    def __init__(self, contender: str, model: Path, checkpoint: Path, threads: int) -> None:
        self.contender = contender
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_open, initargs=(contender, model, checkpoint, threads))

    def __call__(self, documents: Sequence[Document], batch: int = 1) -> Took:
        """Read the documents."""
        return self._pool.submit(_run, self.contender, documents, batch).result()

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown()


def texts(number: int) -> list[Document]:
    """Return so many documents, short and long, Chinese and English: the seeds, then every so manyth training document."""
    seeds = [document for document in read_documents(sorted((ROOT / "seeds" / "documents").glob("*.*"))) if isinstance(document, Document)]
    folder = ROOT / "annotations"
    train = [d for path in sorted(folder.glob("*.jsonl")) for d in read_annotations(path, splits=folder / "splits.json", split="train")]
    step = max(len(train) // max(number - len(seeds), 1), 1)
    plain = (Document.model_validate(document.model_dump(include=set(Document.model_fields))) for document in train[::step])
    return [*seeds, *plain][:number]


def repeated(documents: Sequence[Document], times: int) -> list[Document]:
    """Return the documents so many times over, each with an id of its own."""
    return [document.model_copy(update={"id": f"{document.id}#{n}"}) for n in range(times) for document in documents]


def matrix_rate(threads: int) -> float:
    """Return how many products and sums the machine does in a second in a large float32 matrix product, in 10^9."""
    import torch

    torch.set_num_threads(threads)
    size = 2048
    a, b = torch.rand(size, size), torch.rand(size, size)
    best = 0.0
    for _ in range(4):
        begun = time.perf_counter()
        torch.mm(a, b)
        best = max(best, 2 * size**3 / (time.perf_counter() - begun) / 1e9)
    return best


def first_record(threads: int, rounds: int) -> float:
    """Return the median seconds from the start of a Python process to its first record."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        with subprocess.Popen([sys.executable, "-c", FIRST], stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError("no record was found in the first text")
            took.append(time.perf_counter() - begun)
    return median(took)


def assembly_share(model: Path, documents: Sequence[Document], threads: int) -> float:
    """Return which part of the processor time of extraction goes into names, values and records, after the mentions and their links are found."""
    from healthevents import Extractor

    extractor = Extractor(model, threads=threads)
    list(extractor.tagger.tag(documents[:1]))
    begun = time.process_time()
    taggings = list(extractor.tagger.tag(documents))
    tagged = time.process_time()
    for tagging in taggings:
        extractor.records(tagging)
    return (time.process_time() - tagged) / (time.process_time() - begun)


def compare(model: Path, documents: Sequence[Document], rounds: int, threads: int) -> list[str]:
    """Let the contenders take turns; return lines of a Markdown table."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokens = sum(len(tokenizer.encode(document.text, add_special_tokens=False).ids) for document in documents)
    characters = sum(len(document.text) for document in documents)
    with tempfile.TemporaryDirectory() as scratch:
        products = save_checkpoint(model, Path(scratch))
        workers = {name: Worker(name, model, Path(scratch), threads) for name in CONTENDERS}
        for worker in workers.values():
            worker(documents[: len(documents) // 4])  # what the first run alone takes (kernels chosen, memory mapped) is not compared
        batches = {batch: workers["pipeline"](documents, batch).seconds for batch in BATCH_SIZES}
        best = min(batches, key=lambda batch: batches[batch])
        turns = {"extractor": ("extractor", 1), f"pipeline, batches of {best}": ("pipeline", best), "pipeline, default": ("pipeline", 1), "onnx": ("onnx", 1)}
        took: dict[str, list[Took]] = {name: [] for name in turns}
        rates = []
        for _ in range(rounds):
            rates.append(matrix_rate(threads))
            for name, (contender, batch) in turns.items():
                took[name].append(workers[contender](documents, batch))
        for worker in workers.values():
            worker.close()
    rate = median(rates)
    lines = [
        f"{len(documents)} documents, {characters:,} characters, {tokens:,} tokens; {threads} threads, {rounds} rounds.",
        f"Float32 matrix products: {rate:.0f} GFLOP/s.",
        f"Batch sizes tried: {', '.join(f'{batch} ({seconds:.1f} s)' for batch, seconds in batches.items())}.",
        "",
        "| | time, against the extractor's | tokens/s | characters/s | documents/s | share of the matrix rate | processor s | peak memory, MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, runs in took.items():
        ratio = median(run.seconds / ours.seconds for run, ours in zip(runs, took["extractor"], strict=True))
        seconds = median(run.seconds for run in runs)
        share = median(2 * products * tokens / run.seconds / 1e9 / speed for run, speed in zip(runs, rates, strict=True))
        cells = (
            f"{ratio:.2f}", f"{tokens / seconds:,.0f}", f"{characters / seconds:,.0f}", f"{len(documents) / seconds:.1f}", f"{share:.0%}",
            f"{median(run.processor_seconds for run in runs):.1f}", f"{max(run.peak_mb for run in runs):.0f}",
        )  # fmt: skip
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def growth(model: Path, documents: Sequence[Document], threads: int) -> list[str]:
    """Measure 1, 10 and 100 times the documents, then one document of 1, 10 and 100 times their text; return lines of a Markdown table."""
    lines = ["| | characters | seconds | s for 1,000 characters | peak memory, MB |", "|---|---:|---:|---:|---:|"]
    whole = documents[0].model_copy(update={"text": "\n".join(document.text for document in documents)})
    cases = {f"{times}x the documents": (documents, times) for times in (1, 10, 100)}
    for times in (1, 10, 100):
        cases[f"one document, {times}x the text"] = ([whole.model_copy(update={"text": "\n".join([whole.text] * times)})], 1)
    for name, (chosen, times) in cases.items():
        worker = Worker("extractor", model, Path(), threads)
        worker(documents[:1])
        took = worker(repeated(chosen, times))
        worker.close()
        size = sum(len(document.text) for document in chosen) * times
        lines.append(f"| {name} | {size:,} | {took.seconds:.1f} | {1000 * took.seconds / size:.4f} | {took.peak_mb:.0f} |")
    return lines


def main() -> None:
    """Print the tables, and write them into a page where one is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=BUNDLED_MODEL, help="a folder written by training.export (default: the bundled model)")
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--growth", type=int, default=8, metavar="N", help="documents that are taken 1, 10 and 100 times; 0 leaves that out")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the tables between this page's <!-- speed --> markers")
    options = parser.parse_args()
    documents = texts(options.documents)
    lines = compare(options.model, documents, options.rounds, options.threads)
    lines += ["", f"From the start of a process to its first record: {first_record(options.threads, options.rounds):.2f} s."]
    lines += [f"Assembly takes {assembly_share(options.model, documents, options.threads):.0%} of the processor time of extraction."]
    if options.growth:
        lines += ["", *growth(options.model, list(islice(documents, options.growth)), options.threads)]
    table = "\n".join(lines)
    print(table)
    if options.write:
        page = options.write.read_text("utf-8")
        options.write.write_text(re.sub(r"(?s)(<!-- speed -->).*(<!-- /speed -->)", lambda m: f"{m[1]}\n{table}\n{m[2]}", page), "utf-8")


if __name__ == "__main__":
    main()
