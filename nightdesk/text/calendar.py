"""Days and months as folded words, in the languages that our news comes in most: they are never names or
things counted."""

from __future__ import annotations

_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow lune marte"
    " miercole jueve vierne sabado domingo lundi mardi mercredi jeudi vendredi samedi dimanche montag"
    " dienstag mittwoch donnerstag freitag samstag sonntag"
)
_MONTHS = (
    "january february march april june july august september october november december jan feb apr jun"
    " jul aug sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto septiembre octubre"
    " noviembre diciembre janvier fevrier avril mai juin juillet aout septembre octobre novembre"
    " decembre januar februar marz juni juli oktober dezember январ феврал март апрел мая май июн июл"
    " август сентябр октябр ноябр декабр"
)

DAYS = frozenset(_DAYS.split())
MONTHS = frozenset(_MONTHS.split())
"""Without "may" and "mar", which are words of their own."""
