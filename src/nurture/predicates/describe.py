"""A predicate as a sentence, in English and in Japanese. May import the tree and the sentences.

Literals are said as they stand in the program: they are the program's words, not a person's data. Texts and
unusual names stand in quotes that their own characters cannot close: predicates of different meaning have
different sentences, except where the end of a very long list is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nurture.errors import DefinitionError, UnknownNameError
from nurture.predicates import sentences_en, sentences_ja

if TYPE_CHECKING:
    from nurture.predicates.sentences import Sentences
    from nurture.predicates.tree import Field, Predicate

LANGUAGES: Final[Mapping[str, Sentences]] = MappingProxyType(
    {"en": sentences_en.SENTENCES, "ja": sentences_ja.SENTENCES}
)
"""What says each kind of node, by language."""


def describe(predicate: Predicate, lang: str = "en") -> str:
    """The predicate as one readable phrase.

    Args:
        predicate: What to say.
        lang: `en` or `ja`; a longer tag such as `ja-JP` is read by its beginning.

    Raises:
        DefinitionError: It is no predicate.
        UnknownNameError: The language is neither.

    Example:
        >>> from nurture.predicates import q
        >>> describe(q.touches("page.viewed").within(days=14).count() >= 3)
        'at least 3 page.viewed in the last 14 days'
    """
    sentences = LANGUAGES[language(lang)]

    def say(node: Predicate) -> str:
        sentence = sentences.get(type(node))
        if sentence is None:
            raise DefinitionError(f"expected a predicate made with q, found {type(node).__name__}")
        return sentence(node, say)

    return say(predicate)


def field_name(field: Field, lang: str = "en") -> str:
    """What a field is called in a sentence."""
    return sentences_ja.field_name(field) if language(lang) == "ja" else sentences_en.field_name(field)


def language(lang: str) -> str:
    """The language of ours that a tag means.

    Raises:
        UnknownNameError: It means none.
    """
    found = lang.partition("-")[0]
    if found not in LANGUAGES:
        raise UnknownNameError("language", lang, tuple(LANGUAGES))
    return found
