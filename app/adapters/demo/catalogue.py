"""The products on sale: what they are, what they cost, how popular they are, and when they were on sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from app.adapters.demo.draws import Flags, Ints, texts
from app.adapters.demo.period import START, epoch_day
from app.adapters.demo.tables import Column, Kind, Table


@dataclass(frozen=True, slots=True)
class Product:
    """A product; `price` and `cost` are in cents, `weight` is its share of the lines."""

    name: str
    category: str
    price: int
    cost: int
    weight: float
    origin: str = ""
    decaf: bool = False
    launched: date = date(2020, 1, 15)
    discontinued: date | None = None


_C, _T, _E, _G = "Coffee", "Tea", "Equipment", "Gifts"
PRODUCTS = (
    Product("Crane House Blend", _C, 1150, 520, 9.0, "Brazil"),
    Product("Morning Wharf", _C, 1090, 480, 7.5, "Colombia"),
    Product("Sidamo Sunrise", _C, 1450, 700, 5.5, "Ethiopia"),
    Product("Guji Wild Honey", _C, 1720, 860, 3.6, "Ethiopia"),
    Product("Nyeri Blackcurrant", _C, 1790, 910, 3.0, "Kenya"),
    Product("Huila Garden", _C, 1390, 640, 4.2, "Colombia"),
    Product("Antigua Smoke", _C, 1420, 660, 3.4, "Guatemala"),
    Product("Cerrado Hazel", _C, 1210, 530, 4.8, "Brazil"),
    Product("Café Añejo", _C, 1980, 1040, 1.6, "Guatemala"),
    Product("Sumatra Rainfall", _C, 1490, 690, 2.7, "Indonesia"),
    Product("Quiet Night Decaf", _C, 1290, 610, 3.9, "Colombia", decaf=True),
    Product("Swiss Lake Decaf", _C, 1380, 650, 2.1, "Brazil", decaf=True),
    Product("Espresso Nº 7", _C, 1240, 560, 6.8, "Brazil"),
    Product("Winter Spice Roast", _C, 1560, 720, 2.2, "Brazil", launched=date(2024, 10, 7)),
    Product("Tarrazú Peak", _C, 1690, 820, 2.0, "Costa Rica", launched=date(2025, 3, 3)),
    Product("Old Dock Robusta", _C, 890, 410, 1.9, "Vietnam", discontinued=date(2025, 8, 31)),
    Product("Kettle Breakfast", _T, 790, 290, 7.0, "India"),
    Product("Crane Earl Grey", _T, 850, 320, 6.2, "Sri Lanka"),
    Product("Assam Ember", _T, 920, 360, 3.8, "India"),
    Product("Darjeeling Second Flush", _T, 1690, 800, 2.3, "India"),
    Product("Uva Highland", _T, 990, 390, 2.4, "Sri Lanka"),
    Product("Sencha Spring", _T, 1190, 520, 3.6, "Japan"),
    Product("Gyokuro 玉露", _T, 2890, 1510, 1.1, "Japan"),
    Product("Genmaicha 玄米茶", _T, 1050, 440, 2.0, "Japan"),
    Product("Milk Oolong", _T, 1390, 610, 2.2, "Taiwan"),
    Product("Keemun Old Gate", _T, 1290, 560, 1.5, "China"),
    Product("Silver Needle", _T, 2390, 1220, 1.2, "China"),
    Product("Rooibos Dusk", _T, 760, 270, 3.3, "South Africa", decaf=True),
    Product("Chamomile Meadow", _T, 690, 240, 2.9, "Egypt", decaf=True),
    Product("Mint & Liquorice", _T, 720, 250, 2.6, "Morocco", decaf=True),
    Product("Matcha Stoneground", _T, 2690, 1390, 2.1, "Japan", launched=date(2024, 4, 15)),
    Product("Gooseneck Kettle", _E, 7900, 4300, 1.3),
    Product("Pour-Over Cone", _E, 2450, 1100, 2.2),
    Product("Paper Filters, 100", _E, 590, 190, 5.2),
    Product("Hand Grinder", _E, 8900, 4950, 1.1),
    Product("French Press, 1 l", _E, 3900, 1900, 1.6),
    Product("Moka Pot", _E, 3490, 1650, 1.7),
    Product("Cast-Iron Teapot", _E, 6400, 3300, 0.8),
    Product("Brewing Scale", _E, 4900, 2500, 1.2),
    Product("Milk Frother", _E, 2990, 1490, 1.4, launched=date(2024, 9, 2)),
    Product("Cold Brew Jar", _E, 3290, 1540, 0.9, launched=date(2024, 5, 6)),
    Product("Enamel Mug", _G, 1490, 620, 2.4),
    Product("Tasting Box Coffee", _G, 3900, 1950, 1.5),
    Product("Tasting Box Tea", _G, 3500, 1680, 1.4),
    Product("Advent Calendar of Teas", _G, 4900, 2350, 0.9),
    Product("Tea Towel Crane", _G, 1290, 480, 1.0),
    Product("Barista Apron", _G, 3900, 1720, 0.5, discontinued=date(2025, 1, 31)),
)

FIRST_ID = 501
WEIGHTS = [product.weight for product in PRODUCTS]
PRICES: Ints = np.asarray([product.price for product in PRODUCTS], dtype=np.int64)
LAUNCHED: Ints = np.asarray([epoch_day(product.launched) for product in PRODUCTS], dtype=np.int64)
ENDED: Ints = np.asarray([epoch_day(product.discontinued or date(2100, 1, 1)) for product in PRODUCTS], dtype=np.int64)
IS_EQUIPMENT: Flags = np.asarray([product.category == _E for product in PRODUCTS], dtype=np.bool_)


def products() -> Table:
    """The table `products`, the same at every scale."""
    count = len(PRODUCTS)
    codes = {_C: "COF", _T: "TEA", _E: "EQP", _G: "GFT"}
    skus = [f"KC-{codes[product.category]}-{FIRST_ID + number:04d}" for number, product in enumerate(PRODUCTS)]
    loaded = np.maximum(LAUNCHED * 86_400, START) + 4 * 3600
    return Table(
        "products",
        "product_id",
        (
            Column("product_id", Kind.ID, FIRST_ID + np.arange(count, dtype=np.int64)),
            Column("sku", Kind.TEXT, texts(skus)),
            Column("product_name", Kind.TEXT, texts([product.name for product in PRODUCTS])),
            Column("category", Kind.TEXT, texts([product.category for product in PRODUCTS])),
            Column(
                "origin",
                Kind.TEXT,
                texts([product.origin for product in PRODUCTS]),
                np.asarray([not product.origin for product in PRODUCTS]),
            ),
            Column("is_decaf", Kind.FLAG, np.asarray([product.decaf for product in PRODUCTS])),
            Column("list_price", Kind.MONEY, PRICES),
            Column("unit_cost", Kind.MONEY, np.asarray([product.cost for product in PRODUCTS], dtype=np.int64)),
            Column("launched_on", Kind.DAY, LAUNCHED),
            Column("discontinued_on", Kind.DAY, ENDED, np.asarray([product.discontinued is None for product in PRODUCTS])),
            Column("loaded_at", Kind.TIME, loaded),
        ),
    )
