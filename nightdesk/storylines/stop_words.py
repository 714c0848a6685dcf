"""Words that tell nothing, language by language: no alias and no cue is made of them.

Comes in: folded words.  Goes out: whether one is such in some languages.  The engine weighs those of
`function_words` as nothing in all texts; here are the commonest of further languages too, for phrases
alone.  In scripts that English does not use they are such wherever they stand; of the Latin ones only where
something is told in their language: the English "war" is a German "was", and "van" is Dutch.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from nightdesk.storylines.function_words import FUNCTION_WORDS
from nightdesk.text.tokens import fold

_OTHERS_KNOWN = ("ru", "ar", "zh")
"""Languages of other scripts among those of `function_words`."""

_OTHER_SCRIPTS = (
    "і й та що як не на у в з зі із до від за про по для є був була було були це цей ця ці той але або"
    " він вона воно вони ми ви його її їх який яка яке які також вже ще лише через після під над між",
    "ο η το οι τα του της των τον την τους τις και να για με από στο στη στην στον στα στις στους ότι που"
    " πως δεν δε μη θα είναι ήταν έχει έχουν ένα ένας μια μία αλλά ή αν όπως μετά πριν αυτό αυτή αυτός",
    "של את על אל עם לא הוא היא הם הן זה זאת זו כי אם גם או אך אבל רק כל יש אין היה היו הייתה אשר בין אחרי"
    " לפני אני אתה אנחנו אמר אמרה",
    "और का के की में है हैं था थे थी को से पर ने यह वह ये वे कि जो तो भी नहीं एक इस उस इन उन लिए साथ बाद"
    " तक कर किया गया होने कहा",
    "از در به که را این آن با برای است بود شد شده می های ها یک تا بر هم نیز اما یا اگر پس هر خود او ما وی"
    " آنها کرد کرده گفت باید",
    "그 이 저 것 수 등 및 또 또는 그리고 그러나 하지만 있다 있는 없다 한 할 하는 했다 된 된다 대한 대해 위해"
    " 때문에 우리 그는 이는 더 가장 말했다 밝혔다",
    "これ それ あれ この その あの ここ そこ です ます した する いる ある から まで より など こと もの ため"
    " について として という による また しかし さん ました",
    "ที่ และ ใน ของ เป็น ได้ ให้ มี ว่า จะ ไม่ กับ แต่ หรือ โดย จาก ถึง นี้ นั้น ก็ การ ความ แล้ว",
    "是的 这个 那个 這個 那個 這 於 與 為 對 以及 但是 因为 因為 所以 如果 自己 他的 她的",
)

_LATIN = {
    "nl": "de het een en of van in op te aan met voor door bij uit naar om dat die dit deze is was zijn werd"
    " wordt heeft hebben had niet ook maar als dan er zich over tot nog meer al hij zij ze we",
    "pl": "i w we z ze na do o od po za przez dla przy że się nie jest są był była było były to ten ta te"
    " tego tej jak ale lub oraz czy już tylko także który która które jego jej ich",
    "tr": "ve bir bu şu o da de ile için olarak olan oldu olduğunu gibi daha çok en ne ki ama veya kadar"
    " sonra önce göre değil var yok her",
    "sv": "och att det som en ett i på är av för med till den de har inte om var han hon de vi kan ska från"
    " eller men så vid efter under",
}

LATIN = (*(code for code in FUNCTION_WORDS if code not in _OTHERS_KNOWN), *_LATIN)
"""The languages whose words may be others elsewhere."""


def is_stop_word(word: str, languages: Collection[str]) -> bool:
    """Whether a folded word tells nothing in what is told in `languages`."""
    return word in _everywhere() or any(word in stop_words(language) for language in languages)


def is_stop_word_anywhere(word: str) -> bool:
    """Whether a folded word tells nothing in some language."""
    return word in _somewhere()


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the folded words that tell nothing in one of the languages `LATIN`; none in others."""
    if language not in LATIN:
        return frozenset()
    return frozenset(fold(FUNCTION_WORDS.get(language) or _LATIN[language]))


@cache
def _everywhere() -> frozenset[str]:
    known = (FUNCTION_WORDS[code] for code in _OTHERS_KNOWN)
    return frozenset(word for words in (*_OTHER_SCRIPTS, *known) for word in fold(words))


@cache
def _somewhere() -> frozenset[str]:
    return _everywhere().union(*map(stop_words, LATIN))
