"""The handbook's search: what people type finds the page that they mean, first of all."""

import pytest

from playground.text import finding, handbook
from playground.text.language import Language

ENGLISH = {
    "latents": "latent",
    "SAE": "sae",
    "sparse autoencoders": "sae",
    "superposition": "superposition",
    "superpos": "superposition",
    "steering vectors": "difference-of-means",
    "activation steering": "steering",
    "golden gate claude": "steering",
    "clamp": "clamping",
    "ablating": "ablation",
    "mean ablation": "ablation",
    "attention heads": "attention",
    "sparse coding": "dictionary-learning",
    "logit lens": "logit-lens",
    "unembedding": "logit",
    "logits": "logit",
    "hidden state": "residual-stream",
    "softmax": "softmax",
    "rmsnorm": "layer-norm",
    "query key value": "qk-ov",
    "model diffing": "crosscoder",
    "crosscoders": "crosscoder",
    "NLA": "natural-language-autoencoders",
    "activation oracle": "activation-oracles",
    "persona vector": "persona-vectors",
    "hydra effect": "self-repair",
    "error nodes": "error-node",
    "supernodes": "supernode",
    "AtP": "attribution-patching",
    "faithfulness": "necessity-sufficiency",
    "neuronpedia": "tools",
    "axbench": "benchmarks",
    "criticism of SAEs": "sae-debate",
    "random direction": "control",
    "ROC curve": "auroc",
    "explained variance": "variance-explained",
    "temperature": "sampling-temperature",
    "tokenizer": "token",
    "cross layer transcoder": "transcoder",
    "lesson plan": "lessons",
    "handout": "worksheet",
}
RUSSIAN = {
    "суперпозиции": "superposition",
    "latents": "latent",
    "латенты": "latent",
    "абляция": "ablation",
    "удаление": "ablation",
    "промпт": "prompting",
    "промпты": "prompting",
    "батч": "batchtopk",
    "стиринг": "steering",
    "сэмплирование": "sampling-temperature",
    "автоэнкодеры": "sae",
    "разреженный автокодировщик": "sae",
    "фиксация": "clamping",
    "закрепление": "clamping",
    "доза-эффект": "dose-response",
    "паттерны внимания": "attention",
    "межслойный транскодер": "transcoder",
    "чат-модели": "chat",
    "восстановленный лосс": "loss-recovered",
    "остаточного потока": "residual-stream",
    "признаки": "feature",
    "нейронов": "neuron",
    "эмбеддинги": "embedding",
    "софтмакс": "softmax",
    "логиты": "logit",
    "узлы ошибок": "error-node",
    "граф атрибуции": "attribution-graph",
    "векторы личности": "persona-vectors",
    "необходимость": "necessity-sufficiency",
    "зонды": "probing",
    "steering": "steering",
    "урок": "lessons",
    "раздатка": "worksheet",
}


def test_there_are_sixty_queries_and_more() -> None:
    assert len(ENGLISH) + len(RUSSIAN) >= 60


@pytest.mark.parametrize("query", ENGLISH)
def test_an_english_query_finds_its_page(query: str) -> None:
    assert first("en", query) == ENGLISH[query]


@pytest.mark.parametrize("query", RUSSIAN)
def test_a_russian_query_finds_its_page(query: str) -> None:
    assert first("ru", query) == RUSSIAN[query]


def first(language: Language, query: str) -> str | None:
    found = handbook.shipped(language).search(query)
    return found[0].slug if found else None


def test_every_page_is_found_by_its_title_and_by_every_other_name() -> None:
    for language in ("en", "ru"):
        book = handbook.shipped(language)
        for page in book.pages:
            for name in (page.title, *page.facts.aliases):
                assert page in book.search(name)[:3], f"{name!r} in {language}"


def test_what_is_misspelled_finds_what_is_spelled_almost_so() -> None:
    book = handbook.shipped()
    assert book.search("superpozition") == []
    assert book.near("superpozition")[0].slug == "superposition"
    assert book.near("zebra crossing") == []


def test_capitals_hyphens_and_dots_make_no_difference() -> None:
    book = handbook.shipped("ru")
    for query in ("СУПЕРПОЗИЦИЯ", "  суперпозиция. ", "«суперпозиция»"):
        assert book.search(query)[0].slug == "superposition"
    assert handbook.shipped().search("Dose-Response") == handbook.shipped().search("dose response")


def test_a_query_of_a_megabyte_is_read_up_to_a_limit() -> None:
    assert handbook.shipped().search("superposition " * 100_000) == handbook.shipped().search(
        ("superposition " * 100_000)[: finding.LONGEST]
    )
    assert handbook.shipped().search("") == handbook.shipped().search(" -- ") == []
