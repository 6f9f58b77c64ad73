"""Name the vocabulary of clutter and captions as data: cue words, cue pairs, function words.

Cue words and cue pairs are exact matches of token hashes (see characters.py), so a group may hold
words of any language. Pairs are two neighbouring tokens, punctuation included ("photo :").
The lists are generic vocabulary of news pages: no publisher, no site.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.text.arrays import Hashes
from cleaner.text.hashing import HashTable, mix_pair
from cleaner.text.tokens import hash_words

# Groups in the order of their bits.
CUE_WORDS: dict[str, str] = {
    "call to action": """
        subscribe subscription subscriptions subscriber subscribers newsletter newsletters login
        log register cookie cookies privacy copyright advertisement advertisements advertising
        advertise share sharing follow click related trending comment comments download facebook
        twitter instagram linkedin whatsapp pinterest reddit telegram tiktok email app menu skip
        search home contact about terms sitemap careers faq rss podcast playlist loading close
        weiterlesen mehr anmelden abo abonnieren abonnement kommentar kommentare teilen drucken
        impressum datenschutz agb anzeige werbung merken merkliste startseite suche menü
        registrieren einloggen nutzungsbedingungen barrierefreiheit
        partager abonnez inscrivez connexion publicité commentaires lire suscríbete suscribirse
        compartir publicidad comentarios registrarse iscriviti condividi pubblicità commenti
        reageer delen abonneer advertentie udostępnij komentarze reklama compartilhar assine
        publicidade dela prenumerera annons""",
    "credit": """
        photo photos photograph photographs photographer photography picture pictures pic pics
        image images credit credits caption courtesy handout supplied screengrab screenshot
        pictured getty reuters afp ap pa epa dpa apa ansa efe shutterstock istock alamy imago
        unsplash pixabay foto fotos bild bilder bildquelle quelle symbolbild
        symbolfoto archivbild archivfoto fotograf crédit crédits photographie fotografía imagen
        fotografia immagine beeld fot zdjęcie foton fotó фото""",
    "date": """
        january february march april may june july august september october november december
        jan feb mar apr jun jul aug sep sept oct nov dec ago updated published posted edt est gmt
        bst utc pm am monday tuesday wednesday thursday friday saturday sunday
        januar februar märz mai juni juli oktober dezember jänner aktualisiert veröffentlicht
        erstellt stand uhr montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
        janvier février mars avril juin juillet août septembre octobre novembre décembre publié
        enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
        gennaio febbraio aprile maggio giugno luglio settembre ottobre novembre dicembre""",
    "byline": """
        by von author authors autor autorin reporter correspondent editor editors redaktion
        redakteur redakteurin korrespondent written posted staff writer contributor columnist
        par por di da av przez door""",
    "speech": """
        said says told added according asked explained announced warned claimed argued insisted
        he she his her they their we our i my
        sagte sagt erklärte betonte teilte hieß laut sagten er sie ihm ihr wir ich
        dit déclaré selon il elle dijo según él ella ha detto disse ela ele zei volgens hij""",
    "comment": """
        reply replies comment comments upvote downvote report commenter log moderation moderator
        antworten antwort kommentieren melden beitrag beiträge leserkommentare flag permalink
        répondre responder rispondi""",
    "appeal": """
        donate donation donations donating support supporter supporters member membership members
        contribute contribution contributions become independent journalism reader readers
        spenden spende unterstützen unterstützung mitglied leser""",
    "biography": """
        author professor lecturer freelance graduate columnist journalist writer writes novelist
        editor fellow contributor bio blogger founder autor autorin journalistin arbeitet studierte
        geboren schreibt jahrgang""",
    "address": "http https www com org net html",
}  # fmt: skip

CUE_PAIRS: dict[str, str] = {
    "call to action": """
        sign up|sign in|log in|log out|rights reserved|read more|read also|also read|follow us
        click here|most read|most popular|see more|skip to|learn more|find out|view all|see all
        more from|more on|you may|might also|like this|watch :|read :|related :|share this
        contact us|about us|terms of|privacy policy|cookie policy|newsletter sign|our newsletter
        get the|show more|load more|back to|next article|previous article|full story|more stories
        latest news|top stories|recommended for|editor picks|add to|save for|send us|join us
        lesen sie|mehr zum|zum thema|auch interessant|mehr lesen|jetzt lesen|zur startseite
        alle rechte|rechte vorbehalten|mehr über|zum artikel|nach oben|jetzt abonnieren
        lire aussi|à lire|en savoir|leer más|lea también|leggi anche|lees ook|lees meer|leia mais
        leia também|czytaj też|läs mer|tous droits|droits réservés""",
    "credit": """
        photo by|photos by|photo :|photos :|photo /|image :|images :|image by|picture :|pictures :
        pic :|photograph :|photograph by|photography by|credit :|source :|image credit|photo credit
        photo courtesy|courtesy of|file photo|file image|file picture|getty images|/ getty|/ ap
        ap /|/ reuters|reuters /|/ afp|afp /|/ pa|pa /|pa wire|pa images|/ epa|epa /|/ dpa|dpa /
        dpa -|/ shutterstock|/ alamy|/ imago|imago /|imago images|picture alliance|ap photo
        via getty|via ap|via reuters|via afp|( ap|( reuters|( afp|( pa|( getty|( photo|( file
        ( image|( picture|( supplied|( courtesy|ap )|reuters )|afp )|pa )|getty )|images )|wire )
        pictured left|pictured right|, left|, right|, centre|, center|second left|second right
        from left|( left|( right|left )|right )|foto :|fotos :|foto ©|bild :|bilder :|quelle :
        foto von|symbolbild :|archivbild :|( foto|( archivbild|( symbolbild|crédit photo|photo d
        foto di|foto de|© getty|© dpa|© imago|© reuters|© ap|© afp|© picture""",
    "date": """
        min ago|mins ago|minutes ago|hours ago|hour ago|days ago|day ago|weeks ago|months ago
        last updated|updated :|published :|posted on|published on|min read|minute read
        first published|zuletzt aktualisiert|aktualisiert am|veröffentlicht am|stand :|vor 0""",
    "byline": """
        written by|posted by|reported by|by the|edited by|reporting by|additional reporting
        writing by|staff writer|ein artikel|ein kommentar|eine analyse|von :|author :|autor :
        text :""",
    "speech": """
        he said|she said|they said|said .|said the|told the|told reporters|in a|, said|” said
        sagte der|sagte die|, sagte|so der|so die""",
    "comment": """
        comments are|leave a|a comment|post a|your comment|load comments|view comments
        your email|email address|be published|report abuse|in reply|all comments|kommentare (
        kommentar schreiben|ihre meinung""",
    "appeal": """
        support our|become a|make a|donate now|your support|our readers|please consider
        a donation|before you|thank you|help us|reader support|unterstützen sie|ihre spende
        bitte unterstützen""",
    "biography": """
        is a|is an|is the|author of|the author|a professor|research fellow|senior fellow
        follow him|follow her|on twitter|can be|reached at|ist autor|ist redakteur
        ist redakteurin|arbeitet als|arbeitet seit""",
    "address": "/ /|www .|. com|. org|. net|. de",
}  # fmt: skip

GROUPS = tuple(CUE_WORDS)

# A credit in brackets with a slash: "(Petros Giannakouris/AP)", "[Jane Roe / Agency]". One bounded
# class between fixed characters on each side: linear in the length of the line.
CREDIT_IN_BRACKETS = re.compile(rb"[(\[][^()\[\]\n/]{2,60}/[^()\[\]\n]{2,40}[)\]]")


class Vocabulary(NamedTuple):
    """Compiled cues."""

    words: HashTable
    word_groups: NDArray[np.uint16]  # (n_words + 1,), bit g: the word is a cue of GROUPS[g]
    word_languages: NDArray[np.float32]  # (n_words + 1, n_languages + 1), 1: function word there
    languages: tuple[str, ...]  # the last column of word_languages is "unknown" and all zero
    pairs: HashTable
    pair_groups: NDArray[np.uint16]  # (n_pairs + 1,)


def function_words() -> dict[str, list[str]]:
    """Read the function words of every language: ISO 639-1 code to words, commonest first.

    Examples
    --------
    >>> function_words()["en"][:4]
    ['the', 'to', 'and', 'of']
    """
    text = (files("cleaner.text") / "function_words.txt").read_text("utf-8")
    rows = [row.partition(": ") for row in text.splitlines() if not row.startswith("#")]
    return {language: words.split() for language, _, words in rows}


def _pair_hashes(text: str) -> Hashes:
    halves = hash_words(" ".join(text.replace("|", " ").split()).split(" "))
    return np.unique(mix_pair(halves[0::2], halves[1::2]))


def _group_bits(keys: Hashes, groups: list[Hashes]) -> NDArray[np.uint16]:
    """Membership of sorted keys in groups, as bits, after an empty entry for "not found"."""
    bits = np.zeros(len(keys) + 1, np.uint16)
    for number, members in enumerate(groups):
        bits[np.searchsorted(keys, members) + 1] |= np.uint16(1 << number)
    return bits


@functools.cache
def vocabulary() -> Vocabulary:
    """Compile the cue groups and function words into hash tables."""
    groups = [np.unique(hash_words(words.split())) for words in CUE_WORDS.values()]
    languages = {code: hash_words(words) for code, words in function_words().items()}
    words = np.unique(np.concatenate([*groups, *languages.values()]))
    word_languages = np.zeros((len(words) + 1, len(languages) + 1), np.float32)
    for column, members in enumerate(languages.values()):
        word_languages[np.searchsorted(words, members) + 1, column] = 1
    pair_groups = [_pair_hashes(text) for text in CUE_PAIRS.values()]
    pairs = np.unique(np.concatenate(pair_groups))
    return Vocabulary(
        words=HashTable(words),
        word_groups=_group_bits(words, groups),
        word_languages=word_languages,
        languages=(*languages, ""),
        pairs=HashTable(pairs),
        pair_groups=_group_bits(pairs, pair_groups),
    )


@functools.cache
def vocabulary_digest() -> str:
    """Interim."""
    return "VOCAB1"
