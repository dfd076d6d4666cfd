"""Drafts on disk: new files never replace one, and files that people wrote are changed only where something was put in."""

from __future__ import annotations

from pathlib import Path

from app.errors import Problem, UserError, Where


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises UserError DM2354 where it is, or can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(
            Problem("DM2354", f"{path} is there already", where=Where(str(path)), hint="name another file, or move that one away")
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from error


def write_over(path: Path, before: str, text: str) -> None:
    """Replace a file whose text is still `before`, keeping its kind of line ends. Raises UserError DM2354 where it is another by now, is not UTF-8, or
    can't be written."""
    try:
        raw = path.read_bytes()
        decoded = raw.decode("utf-8-sig")
        if decoded.replace("\r\n", "\n") != before:
            raise UserError(Problem("DM2354", f"{path} was changed meanwhile", where=Where(str(path)), hint="try again"))
        ended = text.replace("\n", "\r\n") if b"\r\n" in raw else text
        draft = path.with_name(path.name + ".new")
        draft.write_bytes(ended.encode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"))
        draft.replace(path)
    except UnicodeDecodeError:
        raise UserError(Problem("DM2354", f"{path} is not UTF-8", where=Where(str(path)), hint="save it as UTF-8")) from None
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(Problem("DM2354", f"{path} can't be written: {error.strerror}", where=Where(str(path))))
