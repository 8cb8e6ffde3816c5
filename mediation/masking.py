"""Masking: identity numbers, bank cards, phones and passports in what leaves a room's own pages: mails, text messages, previews, snippets (J3).

The record itself is never touched. Only what is surely such a number is masked: a checksum has to agree, or a word has to say so.
"""

import re
from collections.abc import Callable

_ALONE = r"(?<![\dA-Za-z_@+-])(?<!\d\.){}(?![\dA-Za-z_@])(?!-\d)(?!\.[\dA-Za-z])"
"""Not a part of a longer number, word or address; Chinese leaves no space around numbers."""
_LINK = re.compile(r"https?://\S+")
_RESIDENT = re.compile(
    _ALONE.format(r"(\d{6})(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
)
_CARD = re.compile(
    _ALONE.format(r"(?:\d{13,19}|\d{4}(?:[ \u00a0\u3000-]\d{4}){2,3}(?:[ \u00a0\u3000-]\d{1,7})?)")
)
_MOBILE = re.compile(_ALONE.format(r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}"))
_ABROAD = re.compile(r"(?<![\dA-Za-z_@-])\+[1-9]\d{0,2}(?:[ -]?\(?\d{1,4}\)?){2,5}(?![\dA-Za-z_@])")
_PASSPORT = re.compile(
    r"((?:护照|passport)[^A-Za-z0-9\n]{0,4}(?:号码?|number|no\.?)?[^A-Za-z0-9\n]{0,4})([A-Z]{1,2}\d{6,8}|\d{8,9})(?![\dA-Za-z_])",
    re.IGNORECASE,
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def mask(text: str) -> str:
    """The text with every number that could be misused hidden but for its ends; web addresses stay as they are."""
    pieces, end = [], 0
    for link in _LINK.finditer(text):
        pieces += [_masked(text[end : link.start()]), link[0]]
        end = link.end()
    return "".join([*pieces, _masked(text[end:])])


def _masked(text: str) -> str:
    text = _RESIDENT.sub(_if(_is_resident, 3, 2), text)
    text = _CARD.sub(_if(_is_card, 0, 4), text)
    text = _MOBILE.sub(_if(_always, 3, 4), text)
    text = _ABROAD.sub(_if(_is_long, 3, 2), text)
    return _PASSPORT.sub(lambda found: found[1] + _hide(found[2], 1, 2), text)


def _if(sure: Callable[[str], bool], first: int, last: int) -> Callable[[re.Match[str]], str]:
    """Hides what was found, where one can be sure of it, but for so many signs at both ends."""
    return lambda found: _hide(found[0], first, last) if sure(_bare(found[0])) else found[0]


def _hide(number: str, first: int, last: int) -> str:
    """`138****0001`: the signs of a number between its ends; how it was grouped is not told either."""
    lead = "+" if number.startswith("+") else ""
    bare = _bare(number)
    return f"{lead}{bare[:first]}{'*' * (len(bare) - first - last)}{bare[-last:]}"


def _bare(number: str) -> str:
    return "".join(sign for sign in number if sign.isalnum())


def _is_resident(number: str) -> bool:
    """GB 11643: the last sign is a checksum of those before it."""
    total = sum(int(sign) * weight for sign, weight in zip(number, _WEIGHTS, strict=False))
    return number[-1].upper() == _CHECKS[total % 11]


def _is_card(number: str) -> bool:
    """ISO/IEC 7812: the Luhn checksum, and not the same digit all along."""
    doubled = (int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0 and len(set(number)) > 1


def _is_long(number: str) -> bool:
    return 8 <= len(number) <= 15


def _always(_: str) -> bool:
    return True
