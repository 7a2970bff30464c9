"""Figures as vector graphics inside the page, without what makes their files large."""

import inspect
import re
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from reproduce.errors import UserError
from reproduce.experiments import presets
from reproduce.experiments.studies import STUDIES
from reproduce.figures import THEORY, deep, practice, runs, sizes, small_data, studies
from reproduce.figures.style import MANY
from reproduce.models import NETWORKS
from reproduce.report.elements import linked, read

SVG = "{http://www.w3.org/2000/svg}"
_FONTS = re.compile(r"'DejaVu Sans'[^;]*")
_COORDINATES = ("d", "x", "y", "points")
# Characters that mean themselves in a data: URI that stands in an attribute.
_SAFE = " !$'()*+,-./:;<=>?@[]^_{|}~"

# Those that are called as their study is.
NAMED = {"priors_small_data": small_data.by_images}


def figure(path: Path, taken: str = "") -> str:
    """One figure with its caption, and with its labels as the text alternative.

    Args:
        path: of the SVG.
        taken: the place to link to that its section has: a figure of that name goes without.

    Raises:
        UserError: the file is no SVG.
    """
    try:
        root = ElementTree.fromstring(read(path))
    except ElementTree.ParseError as error:
        raise UserError(f"{path} is damaged ({error}): draw it with 'parsimony figures'") from error
    named = path.stem.replace("_", " ")
    text = f"Diagram: {named}. Its labels: {'; '.join(labels(root))}."
    width, height = _pixels(root)
    place = f' id="{escape(path.stem)}"' if path.stem != taken else ""
    return (
        f"<figure{place}>"
        '<div class="scroll" role="region" tabindex="0"'
        f' aria-label="Figure: {escape(named)}"><img alt="{escape(text)}" width="{width}"'
        f' height="{height}" decoding="async" src="{data_uri(root)}"></div>\n'
        f"<figcaption>{linked(caption(path.stem))} <code>{escape(path.stem)}</code></figcaption>"
        "</figure>"
    )


def _pixels(root: ElementTree.Element) -> list[int]:
    """Width and height: a user unit of matplotlib's is a point."""
    sides = re.fullmatch(r"0 0 (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)", root.get("viewBox", ""))
    return [round(float(side) * 4 / 3) for side in sides.groups()] if sides else [960, 540]


def caption(name: str) -> str:
    """The first sentence that the function which draws this file says of itself, if it is known."""
    modules = (runs, sizes, studies, practice, small_data, *([deep] if _is_deep(name) else []))
    kinds = {kind: draw for module in modules
             for kind, draw in inspect.getmembers(module, inspect.isfunction)}  # fmt: skip
    ending = max((kind for kind in kinds if name.endswith(f"_{kind}")), key=len, default=None)
    draw = (THEORY | NAMED).get(name) or kinds.get(ending or "")
    return " ".join((inspect.getdoc(draw) or "").split("\n\n")[0].split()) if draw else ""


def _is_deep(name: str) -> bool:
    """Whether a figure of that name is of a network whose layers stand along an axis."""
    networks = _networks()
    of = max((stem for stem in networks if name.startswith(f"{stem}_")), key=len, default="")
    return bool(of) and len(NETWORKS[networks[of]].layers) > MANY


@cache  # to declare all studies takes longer than to read a picture
def _networks() -> dict[str, str]:
    """The network behind the files of each committed preset and each study."""
    networks = {preset.file: preset.network for preset in presets.committed()}
    return networks | {study: declared(None).network for study, declared in STUDIES.items()}


def labels(root: ElementTree.Element) -> list[str]:
    """The words of a figure, each once; numbers along the axes are left out."""
    words = (" ".join("".join(text.itertext()).split()) for text in root.iter(f"{SVG}text"))
    return list(dict.fromkeys(word for word in words if re.search(r"[^\W\d_]", word)))


def data_uri(root: ElementTree.Element) -> str:
    """The picture as a data: URI; matplotlib's six digits after the point become two.

    Percent-encoding is shorter than base64 here: most of a picture is digits.
    """
    for parent in root.iter():
        for child in [child for child in parent if child.tag == f"{SVG}metadata"]:
            parent.remove(child)
    for element in root.iter():
        _shorten(element)
    _share_styles(root)
    ElementTree.register_namespace("", SVG.strip("{}"))
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return "data:image/svg+xml," + quote(ElementTree.tostring(root, "unicode"), _SAFE)


def _shorten(element: ElementTree.Element) -> None:
    for name in _COORDINATES:
        if name in element.attrib:
            element.set(name, _coordinates(element.attrib[name]))
    if "style" in element.attrib:
        element.set("style", _FONTS.sub("DejaVu Sans,Verdana,sans-serif", element.attrib["style"]))
    element.text, element.tail = (
        None if text and text.isspace() else text for text in (element.text, element.tail)
    )


def _share_styles(root: ElementTree.Element) -> None:
    """Each style once, as a class: thousands of points may have the same."""
    classes: dict[str, str] = {}
    for element in root.iter():
        if style := element.attrib.pop("style", None):
            element.set("class", classes.setdefault(style, f"s{len(classes)}"))
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    ElementTree.SubElement(root, f"{SVG}style").text = rules


def _coordinates(text: str) -> str:
    """Numbers to a hundredth of a point, and points that are then one drawn once."""
    text = re.sub(
        r"-?\d+\.\d+", lambda found: _number(float(found.group())), " ".join(text.split())
    )
    text = re.sub(r"(L \S+ \S+)(?: \1(?!\S))+", r"\1", text)
    return re.sub(r" ?([A-Za-z]) ?", r"\1", text)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
