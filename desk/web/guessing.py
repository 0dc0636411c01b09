"""How soon somebody who tries what people usually choose comes upon a password.

A station has no network to ask for leaked passwords, and lists of them hold few of twelve letters;
what they hold is made of a few pieces: common passwords and words, names, runs on the keyboard,
dates, repetitions, digits put for letters. `zxcvbn` takes a password apart into such pieces by its
own lists (30,000 common passwords among them) and counts the guesses; what is common here is added.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from config.vietnamese import fold, fold_unkept

FEWEST_GUESSES = 1e8
"""A password that is found with fewer is none: zxcvbn's line to «safely unguessable»."""
# Only so much is taken apart, from both ends: signs that stand for letters cost with more than the
# square of the length, and nobody logs in meanwhile.
_HALF = 16
# What passwords here are made of, as folded and without blanks; the first is tried first.
_COMMON_HERE = """
    anhyeuem emyeuanh anhyeu emyeu yeuem yeuanh yeuthuong tinhyeu matkhau vietnam hanoi saigon
    van thi congchua hoangtu hanhphuc giadinh concai conyeu meyeu boyeu bome mebong maimai
    mottinhyeu khongbiet khongco khongnho hoilamgi tinhban bantoi emoi anhoi conmeo concho
    thanhcong mayman chucmung nammoi motcua hoso vanthu luutru uyban ubnd nhandan phuong
    thanhpho congdan canbo danang haiphong cantho hue nguyen tran hoang huynh phan vuong dang
    bui duong trinh minh anh hung dung tuan cuong thanh linh trang huong thao nga lan mai hoa
    tung hieu thang quang long khanh duc huy nam son binh
""".split()  # noqa: SIM905  # a list of words reads better than their quotes
_WORD = re.compile(r"\w+")
_LEAST_LETTERS = 3
_MOST_WORDS = 12


def is_easily_guessed(password: str, known: Iterable[str] = ()) -> bool:
    """Tell whether few guesses find a password, as typed or without its marks and blanks.

    Args:
        password: as it was typed.
        known: what others know of its person and office: login, names.
    """
    given = [*_runs(known), *_COMMON_HERE]
    plain = fold_unkept(password).replace(" ", "")
    return any(_guesses(form, given) < FEWEST_GUESSES for form in {password, plain})


def _runs(known: Iterable[str]) -> list[str]:
    """Return the words of texts, and those that stand together as one, the longest first."""
    runs = set()
    for text in known:
        words = _WORD.findall(fold(text))[:_MOST_WORDS]
        ends = itertools.combinations(range(len(words) + 1), 2)
        runs |= {"".join(words[first:end]) for first, end in ends}
    return sorted((run for run in runs if len(run) >= _LEAST_LETTERS), key=len, reverse=True)


def _guesses(password: str, words: list[str]) -> float:
    # Its lists take twelve megabytes of each worker: they are loaded by who chooses a password.
    from zxcvbn import zxcvbn

    kept = password if len(password) <= 2 * _HALF else password[:_HALF] + password[-_HALF:]
    return float(zxcvbn(kept, user_inputs=words)["guesses"])
