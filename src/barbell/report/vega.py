"""The charting library as one script for a page that fetches nothing.

`vl-convert-python` carries Vega, Vega-Lite and Vega-Embed (all BSD-3-Clause); asking it for the script takes a second or two of a process,
so that it is asked once, and may be asked early, beside other work (`fetch`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Thread

from barbell.report.packed import packed

_SNIPPET = "window.vegaEmbed=vegaEmbed;"


@lru_cache(maxsize=1)
def script() -> str:
    """Vega, Vega-Lite and the function `vegaEmbed` that draws with them, as JavaScript that may stand inside a page."""
    import vl_convert

    bundle = vl_convert.javascript_bundle(_SNIPPET).replace("</script", "<\\/script")
    return f"/*\n{terms()}*/\n(()=>{{{bundle}\n}})();"  # in a function, so that its names are its own


@lru_cache(maxsize=1)
def carried() -> str:
    """The script as a page carries it, packed."""
    return packed(script())


def terms() -> str:
    """Terms of use of the library, which every copy has to carry."""
    return (Path(__file__).parent / "templates" / "vega-license.txt").read_text(encoding="utf-8")


def versions() -> str:
    """What `script` holds, in words."""
    import vl_convert

    return f"Vega {vl_convert.get_vega_version()}, Vega-Lite {max(vl_convert.get_vegalite_versions(), key=_number)}"


def fetch() -> Thread:
    """Ask for the script in a thread, while a plan is being solved; `carried` waits for nothing when it is done."""
    thread = Thread(target=carried, name="vega", daemon=True)
    thread.start()
    return thread


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
