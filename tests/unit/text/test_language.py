"""Language: what the words say, else what was declared."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nightdesk.text.language import detect, plain_code
from nightdesk.text.language_model import Steps, Weights, load_identifier

LONG = {
    "en": "The minister said on Thursday that the bridge would reopen within a week, with no damage found.",
    "es": "El ministro dijo el jueves que el puente se reabrirá en una semana, sin daños hallados.",
    "fr": "Le ministre a déclaré jeudi que le pont rouvrirait dans une semaine, sans dégât trouvé.",
    "de": "Der Minister sagte am Donnerstag, die Brücke werde binnen einer Woche wieder geöffnet.",
    "ru": "Министр заявил в четверг, что мост откроют через неделю, поскольку инженеры не нашли повреждений.",
    "uk": "Міністр заявив у четвер, що міст відкриють за тиждень, оскільки інженери не знайшли пошкоджень.",
    "ar": "قال الوزير يوم الخميس إن الجسر سيفتح من جديد خلال أسبوع بعد أن لم يجد المهندسون أضرارا.",
    "tr": "Bakan perşembe günü yaptığı açıklamada köprünün bir hafta içinde yeniden açılacağını söyledi.",
    "zh": "部长星期四表示，工程师没有发现任何损坏，这座桥将在一周内重新开放。",
}


@pytest.mark.parametrize("language", LONG)
def test_long_texts_speak_for_themselves(language: str) -> None:
    assert detect(LONG[language]) == language
    assert detect(LONG[language], "pt") == language


@pytest.mark.parametrize("text", ["", "12.5 %", "https://a.example/x", "OK", "Kerry, Lavrov"])
def test_what_cannot_be_told(text: str) -> None:
    assert detect(text) == "und"
    assert detect(text, "fr-CA") == "fr"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("iw", "he"),
        ("eng", "en"),
        ("NB", "no"),
        ("x-klingon", None),
        ("", None),
        (None, None),
        ("english", None),
        ("xx", None),
    ],
)
def test_tags(tag: str | None, code: str | None) -> None:
    assert plain_code(tag) == code


def test_the_lean_model_says_what_the_package_says() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    lean = load_identifier()
    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(sorted(set(lean.nb_classes)))
    for text in LONG.values():
        (ours, sure), (theirs, also) = lean.classify(text), whole.classify(text)
        assert ours == theirs
        assert abs(sure - also) < 1e-6


def test_the_lean_model_is_read_where_the_package_is_as_known() -> None:
    lean = load_identifier()
    assert isinstance(lean.tk_nextmove, Steps)
    assert isinstance(lean.nb_ptc, Weights)


def test_steps_are_bounded_and_always_right(tmp_path: Path) -> None:
    table = np.arange(1_000, dtype="<u4")[::-1]
    steps = Steps(_kept(tmp_path, b"head" + table.tobytes()), 4, most=10)
    for at in [*range(30), *range(30), 999]:
        assert steps[at] == 999 - at
        assert len(steps) <= 10


def test_weights_are_bounded_and_always_right(tmp_path: Path) -> None:
    table = np.arange(300, dtype=np.float16).reshape(100, 3)
    weights = Weights(_kept(tmp_path, table.tobytes()), 100, 3, most=8)
    for features in ([1, 2, 3], [3, 99, 0], [4, 5, 6, 7], [1, 99], list(range(20)), [19, 20]):
        assert (weights[np.array(features)] == table[features]).all()


def _kept(folder: Path, content: bytes) -> int:
    (folder / "kept").write_bytes(content)
    return os.open(folder / "kept", os.O_RDONLY)
