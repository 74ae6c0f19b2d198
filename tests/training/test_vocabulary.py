"""A vocabulary that fits the texts: fewer pieces, and frequent words in one."""

import pytest

pytest.importorskip("torch", reason="needs svodka[train]")

from transformers import AutoTokenizer

from svodka.errors import ConfigError
from svodka.training.classifier import load_encoder
from svodka.training.vocabulary import fit_vocabulary


def piece_vectors(folder):
    return load_encoder(str(folder)).embeddings.word_embeddings.weight


def test_a_smaller_vocabulary_writes_the_texts_it_was_cut_for_as_before(tiny_backbone, tmp_path):
    whole = AutoTokenizer.from_pretrained(tiny_backbone)
    fit_vocabulary(str(tiny_backbone), whole, ["снег снег дождь"], tmp_path, pieces=4)
    cut = AutoTokenizer.from_pretrained(tmp_path)
    assert len(cut) < len(whole)
    assert cut.tokenize("снег дождь") == whole.tokenize("снег дождь")
    assert cut.unk_token_id not in cut("вратарь")["input_ids"]  # letter by letter
    ids = cut("снег")["input_ids"]
    assert (ids[0], ids[-1]) == (cut.cls_token_id, cut.sep_token_id)
    old, new = load_encoder(str(tiny_backbone)), load_encoder(str(tmp_path))
    before = old.embeddings.word_embeddings.weight[whole("снег")["input_ids"]]
    assert (new.embeddings.word_embeddings.weight[ids] == before).all()


def test_only_a_unigram_vocabulary_can_be_changed(tiny_backbone, tmp_path):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")))
    with pytest.raises(
        ConfigError, match="has a tokenizer of type 'WordLevel'; only a Unigram's vocabulary can be changed"
    ):
        fit_vocabulary(str(tiny_backbone), words, ["снег"], tmp_path, pieces=4)


def test_the_words_that_save_most_pieces_become_pieces_and_begin_with_the_mean_of_their_parts(tiny_backbone, tmp_path):
    old = AutoTokenizer.from_pretrained(tiny_backbone)
    texts = ["танки танки танки", "вышли вышли", "гаубица", "снег снег снег снег"]
    fit_vocabulary(str(tiny_backbone), old, texts, tmp_path, words=1)
    new = AutoTokenizer.from_pretrained(tmp_path)
    assert len(new) == len(old) + 1
    assert new.tokenize("танки вышли снег") == ["▁танки", *old.tokenize("вышли"), "▁снег"]
    parts = old("танки", add_special_tokens=False)["input_ids"]
    assert len(parts) > 1
    whole = piece_vectors(tmp_path)[new.convert_tokens_to_ids("▁танки")]
    assert (whole - piece_vectors(tiny_backbone)[parts].mean(dim=0)).abs().max() < 1e-6


def test_a_word_met_once_and_a_word_behind_a_quote_get_no_piece(tiny_backbone, tmp_path):
    old = AutoTokenizer.from_pretrained(tiny_backbone)
    fit_vocabulary(str(tiny_backbone), old, ["гаубица", '"танки" "танки"'], tmp_path, words=9)
    assert len(AutoTokenizer.from_pretrained(tmp_path)) == len(old)


def test_new_words_count_among_the_pieces_that_are_kept(tiny_backbone, tmp_path):
    old = AutoTokenizer.from_pretrained(tiny_backbone)
    fit_vocabulary(str(tiny_backbone), old, ["танки танки"], tmp_path, pieces=1, words=5)
    new = AutoTokenizer.from_pretrained(tmp_path)
    assert new.tokenize("танки") == ["▁танки"]
    assert "▁снег" not in new.get_vocab()
    assert len(new) == piece_vectors(tmp_path).shape[0]
