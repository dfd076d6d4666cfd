"""Tests as JUnit XML, which most CI services show."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from app.cli.terminal import clean
from app.service.policy_tests import Tested


def as_junit(tests: Sequence[Tested]) -> str:
    """One suite, a case for each test."""
    failed = sum(bool(one.wrong) for one in tests)
    suite = ET.Element("testsuite", name="datamind policy test", tests=str(len(tests)), failures=str(failed))
    for one in tests:
        case = ET.SubElement(suite, "testcase", classname=clean(one.file), name=clean(one.name))
        if one.wrong:
            ET.SubElement(case, "failure", message=clean(one.wrong[0])).text = clean("\n".join(one.wrong))
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
