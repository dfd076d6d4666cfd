"""Run as a program: a Vega-Lite specification on standard input becomes a PNG on standard output. It reads no file and no address that a specification names."""

import json
import sys
import tempfile
from pathlib import Path

FONT = "FiraGO"
"""Comes with a wheel and has Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Georgian and Devanagari: no machine needs fonts of its own."""
SCALE = 2.0


def main() -> None:
    """Draw once."""
    import vl_convert
    from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular

    with tempfile.TemporaryDirectory() as folder:
        for name, font in (("Regular", FiraGO_Regular), ("Bold", FiraGO_Bold)):
            (Path(folder) / f"FiraGO-{name}.ttf").write_bytes(font.fontbuffer)
        vl_convert.register_font_directory(folder)
        spec = json.load(sys.stdin)
        config = {"font": FONT, "background": "white", "title": {"fontSize": 15}}
        sys.stdout.buffer.write(vl_convert.vegalite_to_png(spec, scale=SCALE, config=config, allowed_base_urls=[]))


if __name__ == "__main__":
    main()
