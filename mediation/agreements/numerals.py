"""Amounts and dates as documents write them: grouped, in the capital form, in words."""

from datetime import date

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
PLAIN = "〇一二三四五六七八九"

ONES = (  # noqa: SIM905
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = " ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ")  # noqa: SIM905
SCALES = ("", " thousand", " million", " billion", " trillion")


def grouped(minor: int) -> str:
    """8600000 -> 86,000; 8600050 -> 86,000.50."""
    whole, part = divmod(minor, 100)
    return f"{whole:,}.{part:02d}" if part else f"{whole:,}"


def capital(minor: int) -> str:
    """The capital form in yuan, jiao and fen: 8600000 -> 捌万陆仟元整; 325.04 -> 叁佰贰拾伍元零肆分."""
    whole, part = divmod(minor, 100)
    jiao, fen = divmod(part, 10)
    text = f"{_capital_whole(whole)}元" if whole or not part else ""
    if not part:
        return f"{text}整"
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif text:
        text += "零"
    return text + (f"{DIGITS[fen]}分" if fen else "整")


def _capital_whole(number: int) -> str:
    if number == 0:
        return "零"
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    for power in range(len(groups) - 1, -1, -1):
        group = groups[power]
        if group == 0:
            continue
        skipped = power + 1 < len(groups) and (groups[power + 1] == 0 or group < 1000)
        text += ("零" if skipped else "") + _capital_group(group) + GROUPS[power]
    return text


def _capital_group(group: int) -> str:
    digits = f"{group:d}"
    text = ""
    for place, digit in enumerate(digits):
        if digit != "0":
            text += DIGITS[int(digit)] + PLACES[len(digits) - 1 - place]
        elif text and not text.endswith("零"):
            text += "零"
    return text.rstrip("零")


def in_words(number: int) -> str:
    """86000 -> eighty-six thousand."""
    if number == 0:
        return ONES[0]
    groups: list[str] = []
    scale = 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            groups.insert(0, _words_below_thousand(group) + SCALES[scale])
        scale += 1
    return " ".join(groups)


def _words_below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{ONES[hundreds]} hundred"] if hundreds else []
    if rest:
        tens, ones = divmod(rest, 10)
        words.append(ONES[rest] if rest < 20 else TENS[tens] + (f"-{ONES[ones]}" if ones else ""))
    return " and ".join(words)


def chinese_date(day: date) -> str:
    """2026年12月1日, as deadlines are written."""
    return f"{day.year}年{day.month}月{day.day}日"


def formal_date(day: date) -> str:
    """二〇二六年十二月一日, as documents are dated; the zero of a year is 〇."""
    year = "".join(PLAIN[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{ordinal(day.month)}月{ordinal(day.day)}日"


def ordinal(number: int) -> str:
    """Chinese numbers from 1 to 999 as clauses and days count: 十二, 二十, 三十一, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if hundreds:
        middle = f"{PLAIN[tens]}十" if tens else ("零" if ones else "")
        return f"{PLAIN[hundreds]}百{middle}{PLAIN[ones] if ones else ''}"
    ten = ("" if tens == 1 else PLAIN[tens]) + "十" if tens else ""
    return ten + (PLAIN[ones] if ones else "")


MONTHS = ("January February March April May June July August September October November December").split()  # noqa: SIM905


def english_date(day: date) -> str:
    """1 December 2026, which no reader takes for another day."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
