"""Text with mathematics in Unicode as pdfLaTeX takes it."""

import re
import unicodedata

_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "#": r"\#", "$": r"\$",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "—": "---", "–": "--", "…": r"\dots{}",
    "‘": "`", "’": "'", "“": "``", "”": "''",
}  # fmt: skip
# The letters that LaTeX has commands for, and symbols that text fonts lack or show as others.
_MATHEMATICS = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu"
        r" \xi \pi \rho \sigma \tau \upsilon \varphi \chi \psi \omega \Gamma \Delta \Theta"
        r" \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega".split(),
    )
) | {
    "<": "<", ">": ">", "|": "|", "~": r"\sim", "−": "-", "±": r"\pm", "·": r"\cdot",
    "×": r"\times", "‖": r"\Vert", "′": "'", "″": "''", "√": r"\surd", "∂": r"\partial",
    "∝": r"\propto", "∞": r"\infty", "∫": r"\int", "∈": r"\in", "≤": r"\le", "≥": r"\ge",
    "≪": r"\ll", "≫": r"\gg", "≈": r"\approx", "≲": r"\stackrel{<}{\sim}", "→": r"\to",
    "↦": r"\mapsto", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "⌈": r"\lceil",
    "⌉": r"\rceil", "⌊": r"\lfloor", "⌋": r"\rfloor", "ℓ": r"\ell", "∇": r"\nabla",
    "∀": r"\forall", "∃": r"\exists", "∪": r"\cup", "∩": r"\cap", "⊂": r"\subset",
}  # fmt: skip
_ACCENTS = {
    "\u0338": r"\not",
    "\u0304": r"\bar",
    "\u0307": r"\dot",
    "\u0302": r"\hat",
    "\u0303": r"\tilde",
}


def latex(text: str) -> str:
    """Text with mathematics in Unicode, as pdfLaTeX takes it: each symbol becomes its command.

    A letter outside the tables above, such as é, stays as it is.
    """
    apart, accents = unicodedata.normalize("NFD", text), "".join(_ACCENTS)
    translated = re.sub(f"(.)([{accents}]?)", lambda found: _symbol(found[1], found[2]), apart)
    return unicodedata.normalize("NFC", translated)


def _symbol(symbol: str, accent: str) -> str:
    if accent:
        inner = _MATHEMATICS.get(symbol, symbol)
        return rf"\ensuremath{{{_ACCENTS[accent]}{{{inner}}}}}"
    if symbol in _MATHEMATICS:
        return rf"\ensuremath{{{_MATHEMATICS[symbol]}}}"
    kind, _, plain = unicodedata.decomposition(symbol).partition(" ")
    parts = [chr(int(code, 16)) for code in plain.split()]
    if kind == "<super>":
        return rf"\textsuperscript{{{''.join(_symbol(part, '') for part in parts)}}}"
    if kind == "<sub>":
        return rf"\textsubscript{{{''.join(_symbol(part, '') for part in parts)}}}"
    if kind == "<fraction>":
        return rf"\ensuremath{{\frac{{{parts[0]}}}{{{parts[2]}}}}}"
    return _TEXT.get(symbol, symbol)
