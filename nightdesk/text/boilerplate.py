"""The words of boilerplate: whole lines that are never news, in the languages that the wires speak.

Data for `clean`, which says how a line is compared: case, punctuation and digits at its edges do not
matter.  No outlet is named here, and nothing that could be a sentence of a report.
"""

from __future__ import annotations

_FURNITURE = """
share|share this|share this article|share this story|share this page|share on facebook|share on twitter
share via email|tweet|tweet this|email|email this|e-mail|print|print this|print this page|save|like|copy link
select page|skip to content|skip to main content|skip to navigation|accessibility links|navigation|menu|search
main menu|site map|home|back to top|top|close|loading|next|previous|next article|previous article|toggle menu
breaking|breaking news|live|developing story|exclusive|trending|trending now|video|photo|photos|image|gallery
advertisement|advertising|advert|ad|sponsored|sponsored content|promoted|promoted content|paid content
advertisement continue reading the main story|continue reading the main story|story continued below
story continues below|story continues below advertisement|article continues below|continue reading below
article continues after advertisement|scroll down for video|scroll down for more|scroll to continue
read more|read the full story|read full article|read full story|continue reading|keep reading|more|show more
see more|view more|load more|click here|click here to read more|learn more|find out more|view gallery
comments|comment|leave a comment|leave a reply|post a comment|add a comment|see comments|view comments
show comments|join the conversation|join the discussion|comments are closed|this forum has been closed
this discussion is closed|missing some content care to comment|care to comment|log in|login|sign in|sign up
register|subscribe|subscribe now|subscribe today|newsletter|follow us|follow|donate|support us|contact us
about us|terms of use|terms of service|privacy policy|cookie policy|privacy|all rights reserved|reuse content
compartir|comparte|comparte esta noticia|compartir en facebook|compartir en twitter|imprimir|enviar|publicidad
anuncio|leer más|lea también|seguir leyendo|comentarios|comentar|ver más|más información|iniciar sesión
suscríbete|suscribirse|última hora|buscar|menú|inicio|volver arriba|todos los derechos reservados
partager|partagez|partager sur facebook|partager sur twitter|imprimer|publicité|annonce|lire la suite
lire aussi|commentaires|commenter|réagir|voir plus|en savoir plus|s'abonner|abonnez-vous|se connecter
s'inscrire|ajouter aux favoris|envoyer par email|réduire le texte|agrandir le texte|tous droits réservés
teilen|drucken|anzeige|werbung|weiterlesen|mehr|mehr lesen|kommentare|anmelden|abonnieren|eilmeldung
alle rechte vorbehalten|zum thema|condividi|stampa|pubblicità|leggi anche|leggi tutto|commenti|compartilhar
compartilhe|publicidade|leia mais|leia também|comentários|udostępnij|drukuj|reklama|komentarze|czytaj także
поделиться|реклама|читать далее|читать полностью|комментарии|читайте также|печать|подписаться|поділитися
paylaş|reklam|yorumlar|شارك|مشاركة|إعلان|اقرأ أيضا|اقرأ المزيد|تعليقات
"""

_LINK_LISTS = """
top stories|top story|partner news|related|related stories|related articles|related news|related content
related links|related topics|related coverage|more stories|more news|more on this story|more on this
more from this section|more from this author|more headlines|other news|other stories|latest news
latest stories|latest headlines|latest|most read|most popular|most viewed|most shared|most commented
popular|popular stories|popular now|trending stories|editor's picks|editors' picks|editor's choice
recommended|recommended for you|recommended stories|recommended reading
you may like|you may also like|you might also like|you might like
also on the web|around the web|from the web|elsewhere on the web|promoted stories|sponsored stories
don't miss|read next|read also|up next|what to read next|see also|further reading|in this section
in other news|in case you missed it|headlines|today's headlines|stories you may like
noticias relacionadas|más noticias|lo más leído|lo más visto|te puede interesar|también te puede interesar
le puede interesar|temas relacionados|artículos relacionados|últimas noticias|ver también
articles liés|sur le même sujet|à lire aussi|à lire également|les plus lus|les plus partagés|voir aussi
à découvrir|à ne pas manquer|dans la même rubrique|mehr zum thema|das könnte sie auch interessieren
meistgelesen|meistgelesene artikel|ähnliche artikel|notícias relacionadas|mais lidas|veja também
potrebbe interessarti|articoli correlati|i più letti|по теме|материалы по теме|самое читаемое|другие новости
"""


def _phrases(text: str) -> frozenset[str]:
    return frozenset(
        phrase.strip() for line in text.splitlines() for phrase in line.split("|") if phrase.strip()
    )


FURNITURE = _phrases(_FURNITURE)
"""Buttons, labels and notes of a page around its article."""

LINK_LISTS = _phrases(_LINK_LISTS)
"""Headings of lists of links to other articles."""
