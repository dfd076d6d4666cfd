"""Random shapes over the workshop and over the demo: both engines agree, and each shape is what plain queries come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.goldens.test_random_queries import shop, workshop
from tests.support.queries import shape_laws
from tests.support.queries.agree import agreed
from tests.support.queries.budget import examples
from tests.support.queries.ground import Ground
from tests.support.queries.laws import Law
from tests.support.queries.shapes import shaped

__all__ = ["shop", "workshop"]


@examples(60)
@given(data=st.data())
def test_engines_agree_on_the_workshop(data: st.DataObject, workshop: Ground) -> None:
    agreed(workshop.ask, data.draw(shaped(workshop)))


@examples(15)
@given(data=st.data())
def test_engines_agree_on_the_demo(data: st.DataObject, shop: Ground) -> None:
    agreed(shop.ask, data.draw(shaped(shop)))


@pytest.mark.parametrize("law", shape_laws.ALL, ids=lambda law: law.__name__)
@examples(12)
@given(data=st.data())
def test_law_on_the_workshop(law: Law, data: st.DataObject, workshop: Ground) -> None:
    law(workshop, data)


@pytest.mark.parametrize("law", shape_laws.ALL, ids=lambda law: law.__name__)
@examples(4)
@given(data=st.data())
def test_law_on_the_demo(law: Law, data: st.DataObject, shop: Ground) -> None:
    law(shop, data)
