"""The base of every lint rule."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from app.compile.lint.edit import Edit
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.errors import Severity

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class Rule(ABC):
    """One thing that may be wrong.

    A rule's docstring says what it finds, why that matters, and gives an example: it is what SARIF and the documentation show. A rule holds no
    state. `fixable` says that some of its findings can be mended by an edit of the YAML that can't be wrong.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity] = Severity.WARNING
    fixable: ClassVar[bool] = False
    optional: ClassVar[bool] = False
    """Whether it runs only where it is selected by name or code."""
    together: ClassVar[str] = ""
    """How several findings in one file are said at once: `{count} … {names}`. "" where each stands for itself."""

    @property
    def name(self) -> str:
        """The rule's name in configuration: `metric-without-owner` of `MetricWithoutOwner`."""
        return _CAPITAL.sub("-", type(self).__name__).lower()

    @property
    def text(self) -> tuple[str, str]:
        """The first sentence of its docstring, and all of it with single blanks."""
        first, _, rest = (type(self).__doc__ or "").partition("\n\n")
        whole = " ".join((first + " " + rest).split())
        return " ".join(first.split()), whole

    @abstractmethod
    def check(self, project: Linted) -> Iterator[Finding]:
        """All that it finds in a project."""

    def fix(self, project: Linted, finding: Finding) -> Sequence[Edit]:
        """The edits that mend a finding of this rule; none where that is not certain."""
        del project, finding
        return ()
