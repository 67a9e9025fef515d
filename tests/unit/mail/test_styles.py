"""What a style takes out of a reader's sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail._shown import may_hide
from nurture.mail._styles import look

NAMES = (
    *("display", "visibility", "opacity", "height", "max-width", "overflow", "font-size", "font", "text-indent"),
    *("left", "margin", "margin-left", "transform", "clip", "clip-path", "color", "line-height", "Position"),
)
VALUES = (
    *("none", "hidden", "collapse", "0", "0px", "1px", "1.0PX", "20px", "0.5", "0%", ".01", "auto", "inherit", "small"),
    *("-9999px", "-2px", "-99em", "-100%", "0 auto -4e3px", "0/0 a", "bold 14px/1.5 Arial", "scale(0)", "scale(.5)"),
    *("translateX(-9999px)", "rect(0,0,0,0)", "inset(50%)", "inset(10%)", "circle(0)", "absolute", "calc(0px)"),
)
declarations = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from([":", " : "]), st.sampled_from(VALUES)).map("".join), max_size=4
).map(";".join)


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : NONE !important",
        "visibility:collapse",
        "content-visibility:hidden",
        "mso-hide:all",
        "opacity:0",
        "opacity:.0",
        "opacity:0.0%",
        "max-height:0",
        "height:1px;overflow:hidden",
        "overflow-y:clip;width:0.5px",
        "text-indent:-9999px",
        "position:absolute;left:-9999px",
        "left:-50em",
        "top:-1e4px",
        "margin:0 0 0 -9999px",
        "margin-left:-200%",
        "transform:scale(0)",
        "transform:translate(-9999px, 0)",
        "clip:rect(0, 0, 0, 0)",
        "clip:rect(1px 1px 1px 1px)",
        "clip-path:inset(100%)",
        "clip-path:circle(0)",
    ],
)
def test_what_hides(style: str) -> None:
    assert look(style).is_hidden
    assert may_hide(f"<p style='{style}'>")
    assert look(f"color:red;{'x:y;' * 200}{style}").is_hidden


@pytest.mark.parametrize(
    "style",
    [
        "",
        "color:transparent",
        "display:block",
        "opacity:.5",
        "height:1px",
        "overflow:hidden;max-width:600px;height:auto",
        "overflow:hidden;line-height:0;min-height:0;border-width:0",
        "overflow:hidden;width:0 auto",
        "text-indent:-1em",
        "left:-20px",
        "margin:0 -12px",
        "margin:-10%",
        "right:9999px",
        "transform:scale(1.5)",
        "transform:rotate(0deg)",
        "clip-path:inset(10%)",
        "x:display:none",
        "display-x:none",
    ],
)
def test_what_does_not_hide(style: str) -> None:
    assert not look(style).is_hidden


@pytest.mark.parametrize(
    ("style", "is_tiny"),
    [
        ("font-size:0", True),
        ("font-size: 0px !important", True),
        ("font-size:1px", True),
        ("font-size:.1em", None),
        ("font-size:0em", True),
        ("font-size:0%", True),
        ("font-size:100%", None),
        ("font-size:inherit", None),
        ("font-size:2px", False),
        ("font-size:small", False),
        ("font:0/0 a", True),
        ("font:400 12px/1 Arial", False),
        ("font:italic bold 0px Arial", True),
        ("font-size:0;font-size:12px", False),
        ("line-height:0", None),
        ("font-size:-9px", None),
        ("font-size:0furlong", None),
    ],
)
def test_how_small_text_is(style: str, is_tiny: bool | None) -> None:
    assert look(style).is_tiny is is_tiny
    assert not is_tiny or may_hide(f"<p style='{style}'>")


@given(declarations)
def test_the_quick_look_overlooks_nothing(style: str) -> None:
    seen = look(style)
    assert may_hide(f'<p style="{style}">') or not (seen.is_hidden or seen.is_tiny)


@given(st.text(max_size=60))
def test_it_answers_whatever_it_is_given(style: str) -> None:
    assert look(style) == look(style)
