"""Text in whatever case, patterns, regular expressions."""

from nurture.predicates import q
from tests.parity.cases.said import Group, asks, both, no, yes

_nick = q.lead.nickname

GROUPS: tuple[Group, ...] = (
    # -- whatever the case: A to Z only --
    *both(
        "eq_ci",
        _nick.equals("Taro", ignore_case=True),
        yes("the same", nickname="Taro"),
        yes("capitals", nickname="TARO"),
        yes("small letters", nickname="taro"),
        no("there is more", nickname="taros"),
        no("a space at the end counts", nickname="taro "),
        no("missing"),
    ),
    *asks(
        "equals",
        _nick.equals("Taro"),
        no("without ignore_case it counts", nickname="taro"),
        yes("the same", nickname="Taro"),
    ),
    *asks(
        "eq_ci of ä",
        _nick.equals("\u00c4b", ignore_case=True),
        yes("B folds, Ä is the same", nickname="\u00c4B"),
        no("only A to Z fold: ä is another letter", nickname="\u00e4b"),
    ),
    *asks(
        "eq_ci of k",
        _nick.equals("k", ignore_case=True),
        yes("K folds", nickname="K"),
        no("the sign for Kelvin does not", nickname="\u212a"),
    ),
    *asks(
        "eq_ci of i",
        _nick.equals("i", ignore_case=True),
        yes("I folds", nickname="I"),
        no("the dotted capital does not", nickname="\u0130"),
        no("the dotless small one does not", nickname="\u0131"),
    ),
    *asks(
        "eq_ci of full width",
        _nick.equals("Ａ", ignore_case=True),
        no("full-width letters do not fold", nickname="ａ"),
        yes("the same", nickname="Ａ"),
    ),
    *asks(
        "eq_ci around the alphabet",
        _nick.equals("@[z", ignore_case=True),
        yes("Z folds, the signs beside the alphabet stay", nickname="@[Z"),
        no("a backquote is not @", nickname="`[z"),
        no("a brace is not a bracket", nickname="@{z"),
    ),
    *both(
        "contains_ci",
        _nick.contains("Bc", ignore_case=True),
        yes("small letters", nickname="abcd"),
        yes("capitals", nickname="ABCD"),
        no("not there", nickname="abxc"),
        no("missing"),
    ),
    *asks(
        "contains_ci with Σ",
        _nick.contains("\u03a3A", ignore_case=True),
        yes("A folds", nickname="x\u03a3a"),
        no("Σ does not", nickname="x\u03c3a"),
    ),
    *both(
        "starts_with_ci",
        _nick.starts_with("aB", ignore_case=True),
        yes("capitals", nickname="ABC"),
        yes("small letters", nickname="abc"),
        no("not in front", nickname="xAB"),
        no("missing"),
    ),
    *both(
        "ends_with_ci",
        _nick.ends_with("aB", ignore_case=True),
        yes("capitals", nickname="XAB"),
        yes("small letters", nickname="xab"),
        no("not at the end", nickname="ABx"),
        no("missing"),
    ),
    # -- patterns --
    *both(
        "like",
        _nick.like("a%c"),
        yes("any run in between", nickname="abbc"),
        yes("none in between", nickname="ac"),
        no("letter case counts", nickname="aBC"),
        no("the whole text is meant", nickname="abcd"),
        no("the whole text is meant, in front, too", nickname="xabc"),
        yes("a line's end is a character like others", nickname="a\nc"),
        no("missing"),
    ),
    *asks(
        "like without wildcards",
        _nick.like("ab"),
        yes("the text itself", nickname="ab"),
        no("there is more", nickname="abc"),
        no("letter case counts", nickname="AB"),
    ),
    *asks("like nothing", _nick.like(""), yes("empty text", nickname=""), no("a text", nickname="a"), no("missing")),
    *asks("like %", _nick.like("%"), yes("any text", nickname="x"), yes("empty text", nickname=""), no("missing")),
    *asks(
        "like _",
        _nick.like("_"),
        yes("one character", nickname="x"),
        yes("one character of four bytes", nickname="𠮷"),
        no("KA and a combining mark are two", nickname="\u30ab\u3099"),
        no("two", nickname="xy"),
        no("none", nickname=""),
        yes("a line's end is one", nickname="\n"),
    ),
    *asks(
        "like _%",
        _nick.like("_%"),
        yes("one is enough", nickname="x"),
        yes("more", nickname="xyz"),
        no("none", nickname=""),
    ),
    *asks(
        "like escaped %",
        _nick.like("100\\%"),
        yes("the sign itself", nickname="100%"),
        no("it is no wildcard", nickname="1000"),
        no("the backslash is gone", nickname="100\\%"),
    ),
    *asks(
        "like escaped _",
        _nick.like("a\\_%"),
        yes("the sign itself, and any run", nickname="a_bc"),
        no("it is no wildcard", nickname="axbc"),
    ),
    *asks(
        "like escaped backslash",
        _nick.like("a\\\\b"),
        yes("one backslash", nickname="a\\b"),
        no("two", nickname="a\\\\b"),
        no("none", nickname="ab"),
    ),
    *asks(
        "like escaped letter",
        _nick.like("\\a\\b"),
        yes("a letter stays itself", nickname="ab"),
        no("no backslash is meant", nickname="\\a\\b"),
    ),
    *asks(
        "like signs of other patterns",
        _nick.like("[a-c]*?^%"),
        yes("they mean themselves", nickname="[a-c]*?^x"),
        no("they are no wildcards", nickname="bxx^x"),
    ),
    *asks(
        "like %ab%ab%",
        _nick.like("%ab%ab%"),
        yes("twice", nickname="xabxabx"),
        yes("one after the other", nickname="abab"),
        no("once", nickname="xabx"),
        no("they may not overlap", nickname="aba"),
    ),
    *asks(
        "like a_%a",
        _nick.like("a_%a"),
        yes("one character in between", nickname="axa"),
        no("the ends may not overlap the wildcard", nickname="aa"),
    ),
    *asks(
        "like a%a",
        _nick.like("a%a"),
        yes("two", nickname="aa"),
        no("one letter cannot be both ends", nickname="a"),
    ),
    *both(
        "like_ci",
        _nick.like("A_c%", ignore_case=True),
        yes("small letters", nickname="abcd"),
        yes("capitals", nickname="ABCD"),
        no("Ä is not a", nickname="\u00c4bc"),
        no("too short", nickname="ab"),
        no("missing"),
    ),
    *asks(
        "like_ci escaped",
        _nick.like("A\\%", ignore_case=True),
        yes("the letter folds, the sign stays", nickname="a%"),
        no("it is no wildcard", nickname="ab"),
    ),
    *asks(
        "like what is no regular expression",
        _nick.like("(%"),
        yes("it begins so", nickname="(x"),
        no("it does not", nickname="x("),
    ),
    # -- what nobody's text is --
    *asks("like what nobody's text is", _nick.like("nobody_%"), no("a text", nickname="somebody"), no("missing")),
    *asks(
        "is_in_ci nothing", _nick.is_in([], ignore_case=True), no("nothing is among none", nickname="a"), no("missing")
    ),
    # -- regular expressions, where their engine is installed --
    *both(
        "matches",
        _nick.matches("a+b$"),
        yes("found at the end", nickname="xaab"),
        no("not at the end", nickname="aabx"),
        no("letter case counts", nickname="AAB"),
        no("empty", nickname=""),
        no("missing"),
    ),
)
