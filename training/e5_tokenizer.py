"""The tokenizer of the offline backbone: SentencePiece's unigram model rebuilt with the `tokenizers` library.

The normaliser inside repeats the character folding of `svodka.normalise`, so that a plain `transformers` user, who
does not call that function, gets the same tokens for ordinary text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["SPECIAL_PIECES", "build_tokenizer", "choose_pieces", "count_pieces"]

SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>")
PREFIX_PIECES = ("▁que", "ry", "▁passage", ":")  # the prefixes that the encoder was pre-trained with
FOLDINGS = (
    (r"[«»„“”‟❝❞〝〞＂]", '"'),
    (r"[‘’‚‛`´]", "'"),
    (r"[‐‑‒–—―−]", "-"),
    (r"[\x{00AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]", ""),
    (r"\s+", " "),
)


def build_tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """Return a unigram tokenizer over `pieces` (text, log-probability), the four special pieces first.

    Every text becomes `<s> … </s>`, as the encoder was pre-trained.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=SPECIAL_PIECES.index("<unk>"), byte_fallback=False))
    folding = [normalizers.Replace("ё", "е"), normalizers.Replace("Ё", "Е")]
    folding += [normalizers.Replace(Regex(pattern), to) for pattern, to in FOLDINGS]
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), *folding, normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(list(SPECIAL_PIECES))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def count_pieces(texts: Iterable[str], tokenizer: Tokenizer, batch_size: int = 2000) -> Counter[str]:
    """Return how often each piece of `tokenizer` occurs in `texts`."""
    counts: Counter[str] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == batch_size:
            _count_batch(batch, tokenizer, counts)
            batch = []
    _count_batch(batch, tokenizer, counts)
    return counts


def _count_batch(batch: list[str], tokenizer: Tokenizer, counts: Counter[str]) -> None:
    for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
        counts.update(encoding.tokens)


def choose_pieces(counts: Counter[str], pieces: Sequence[str], limit: int) -> list[int]:
    """Return the ids of the pieces to keep, ascending: special ones, single characters, then the most frequent.

    Single characters are kept whatever their rank (Cyrillic, Latin, digits, punctuation), so that no ordinary word ever
    falls to `<unk>`; so are the prefixes of the pre-training, which comparing with the original encoder needs.

    Args:
        counts: occurrences of each piece in real text.
        pieces: all pieces in the order of their ids.
        limit: number of pieces to keep.
    """
    keep = set(range(len(SPECIAL_PIECES)))
    keep |= {i for i, piece in enumerate(pieces) if _is_basic_character(piece) or piece in PREFIX_PIECES}
    ranked = sorted((i for i, piece in enumerate(pieces) if counts[piece]), key=lambda i: (-counts[pieces[i]], i))
    for i in ranked:
        if len(keep) >= limit:
            break
        keep.add(i)
    return sorted(keep)


def _is_basic_character(piece: str) -> bool:
    character = piece.removeprefix("▁")
    return len(character) <= 1 and (not character or 0x20 < ord(character) < 0x7F or "А" <= character <= "я")
