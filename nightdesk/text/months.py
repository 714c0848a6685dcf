"""Months as they are called in some twenty languages, in full and in short.

Goes out: `MONTHS`, the number of each name, for whoever reads a date; `IN_TEXTS`, those by which a month is
told beside a day inside a text, where "out 3" and "set 2" are mostly no dates.
"""

from __future__ import annotations

import sys

from nightdesk.text.folding import fold_word

_NAMES = """
    january jan januar januari janvier janv enero ene janeiro gennaio gen janner jaenner stycznia
        styczen sty ledna leden ianuarie ian ocak oca tammikuuta января янв січня січ ιανουαριου ιαν
        يناير ינואר בינואר;
    february feb februar februari fevrier fevr fev febrero fevereiro febbraio lutego luty lut unora unor
        februarie subat sub helmikuuta февраля фев лютого лют φεβρουαριου φεβ فبراير شباط פברואר
        בפברואר;
    march mar marz maerz mrz mars marzo marco maart mrt marca marzec brezna brezen martie mart
        maaliskuuta marcius maret марта мар березня бер μαρτιου مارس آذار מרץ במרץ;
    april apr avril avr abril abr aprile kwietnia kwiecien kwi dubna duben aprilie nisan nis huhtikuuta
        aprilis апреля апр квітня кві απριλιου απρ أبريل نيسان אפריל באפריל;
    may mai mayo maio maggio mag mei maja maj kvetna kveten mayis toukokuuta majus maaj мая май травня
        тра μαιου μαι مايو أيار מאי במאי;
    june jun juin junio junho giugno giu juni czerwca czerwiec cze cervna cerven iunie iun haziran haz
        kesakuuta junius июня июн червня чер ιουνιου ιουν يونيو حزيران יוני ביוני;
    july jul juillet juil julio julho luglio lug juli lipca lipiec lip cervence cervenec iulie iul
        temmuz tem heinakuuta julius июля июл липня лип ιουλιου ιουλ يوليو تموز יולי ביולי;
    august aug aout aou agosto ago augustus augusti sierpnia sierpien sie srpna srpen agustos agu
        elokuuta augusztus agustus августа авг серпня сер αυγουστου αυγ أغسطس آب אוגוסט באוגוסט;
    september sep sept septembre septiembre setiembre setembro settembre set wrzesnia wrzesien wrz zari
        septembrie eylul eyl syyskuuta szeptember сентября сен сент вересня вер σεπτεμβριου σεπ سبتمبر
        أيلول ספטמבר בספטמבר;
    october oct octobre octubre outubro out ottobre ott oktober okt pazdziernika pazdziernik paz rijna
        rijen octombrie ekim eki lokakuuta oktobra октября окт жовтня жов οκτωβριου οκτ أكتوبر אוקטובר
        באוקטובר;
    november nov novembre noviembre novembro listopada listopad listopadu lis noiembrie noi kasim kas
        marraskuuta ноября ноя нояб листопада лис νοεμβριου νοε نوفمبر נובמבר בנובמבר;
    december dec decembre dic diciembre dezembro dicembre dezember dez dezembra grudnia grudzien gru
        prosince prosinec decembrie aralik ara joulukuuta desember des декабря дек грудня гру δεκεμβριου
        δεκ ديسمبر דצמבר בדצמבר;
"""

MONTHS = {
    name: month for month, names in enumerate(_NAMES.split(";"), start=1) for name in names.split()
}
"""1 to 12 by name, in small letters, most without accents."""

_SHORT = "jan feb mar apr may jun jul aug sep oct nov dec mai maj mei мая май"
_SHORT_IN_TEXTS = frozenset(_SHORT.split())
_LEAST_LETTERS = 4

IN_TEXTS = {
    sys.intern(fold_word(name)): month
    for name, month in MONTHS.items()
    if len(name) >= _LEAST_LETTERS or name in _SHORT_IN_TEXTS
}
"""1 to 12 by folded word."""

SIGN = "月"
"""Follows the number of a month in Chinese and Japanese."""
