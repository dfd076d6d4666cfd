"""What makes a national number right, a function a kind. Each takes letters in upper case and digits, without separators."""

from __future__ import annotations

from collections import Counter

from app.redaction.checksums import is_day, luhn, mod11_10, verhoeff, weighted

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_NINO_NEVER = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_CODICE_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21) * 2 + (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True))  # fmt: skip # noqa: E501


def us_ssn(code: str) -> bool:
    """A Social Security number, or one that the tax office gives in its place (9xx); there is no check digit."""
    area, group, serial = code[:3], code[3:5], code[5:]
    if area in ("000", "666") or group == "00" or serial == "0000":
        return False
    return area < "900" or 50 <= int(group) <= 99


def de_tax_id(code: str) -> bool:
    """A Steuer-ID: among the first ten digits one stands twice or three times, all others once; and the check digit."""
    most, *others = sorted(Counter(code[:10]).values(), reverse=True)
    return most in (2, 3) and all(count == 1 for count in others) and mod11_10(code)


def uk_nino(code: str) -> bool:
    """A National Insurance number: its prefix is in use."""
    return code[:2] not in _NINO_NEVER


def fr_nir(code: str) -> bool:
    """A number of the Sécurité sociale, its key by 97; Corsica's departments count as 19 and 18."""
    number = code[:13].replace("2A", "19").replace("2B", "18")
    month = int(code[3:5])
    return number.isdigit() and (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and 97 - int(number) % 97 == int(code[13:])


def es_dni(code: str) -> bool:
    """A DNI or NIE, whose letter is its rest by 23."""
    return _DNI[int(code[:-1].translate(str.maketrans("XYZ", "012"))) % 23] == code[-1]


def it_fiscal_code(code: str) -> bool:
    """A codice fiscale: letters and digits at odd and even places have values, whose rest by 26 is the last letter."""
    even = sum(int(char, 36) - 10 if char.isalpha() else int(char) for char in code[1:15:2])
    return (sum(_CODICE_ODD[char] for char in code[0:15:2]) + even) % 26 == int(code[15], 36) - 10


def be_national(code: str) -> bool:
    """A rijksregisternummer: a day of birth, and the rest by 97, with a 2 before it for who was born since 2000."""
    month, day, check = int(code[2:4]), int(code[4:6]), int(code[9:])
    return is_day(0, month, day) and check in (97 - int(code[:9]) % 97, 97 - int("2" + code[:9]) % 97)


def se_personal(code: str) -> bool:
    """A personnummer, or samordningsnummer (its day is 60 more)."""
    code = code.replace("+", "")[-10:]
    day = int(code[4:6])
    return is_day(0, int(code[2:4]), day - 60 if day > 60 else day) and luhn(code)


def fi_personal(code: str) -> bool:
    """A henkilötunnus; its letter is the rest by 31. The sign of the century is lost where it is a dash."""
    digits = code[:6] + code[-4:-1]
    return digits.isdigit() and is_day(0, int(code[2:4]), int(code[:2])) and _HETU[int(digits) % 31] == code[-1]


def ch_ahv(code: str) -> bool:
    """An AHV number, with the check digit of an EAN-13."""
    return (10 - weighted(code[:12], (1, 3) * 6) % 10) % 10 == int(code[12])


def br_cpf(code: str) -> bool:
    """A CPF with its two check digits; no digit eleven times."""
    first = weighted(code[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(code[:10], range(11, 1, -1)) * 10 % 11 % 10
    return len(set(code)) > 1 and (first, second) == (int(code[9]), int(code[10]))


def cn_resident(code: str) -> bool:
    """A resident identity number: a day of birth, and the last character by 11."""
    rest = weighted(code[:17], [2**place % 11 for place in range(17, 0, -1)]) % 11
    return is_day(0, int(code[10:12]), int(code[12:14])) and "10X98765432"[rest] == code[17]


def pl_pesel(code: str) -> bool:
    """A PESEL: a day of birth (the century is added to the month), and the check digit."""
    return is_day(0, int(code[2:4]) % 20, int(code[4:6])) and weighted(code, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def nl_bsn(code: str) -> bool:
    """A burgerservicenummer, by its test of eleven."""
    return code != "0" * 9 and weighted(code, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def ca_sin(code: str) -> bool:
    """A social insurance number."""
    return code[0] not in "08" and luhn(code)


def in_aadhaar(code: str) -> bool:
    """An Aadhaar number."""
    return verhoeff(code)
