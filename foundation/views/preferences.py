"""Language, theme, text size and single keys, chosen from any page and without scripts."""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils.translation import check_for_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from foundation.access import page_of_ours, public
from foundation.preferences import KEYS_COOKIE, LARGE, OFF, TEXT_COOKIE, THEME_COOKIE, THEMES, YEAR


@csrf_exempt  # a token would keep public pages out of shared caches, and nothing here needs one
@require_POST
@public
def preferences(request):
    """Remember the posted choices in cookies and return to the page they came from.

    Of a signed-in person the language is kept as well: it is the language of our e-mails.
    """
    page = page_of_ours(request, request.POST.get("next", ""), otherwise="/")
    response = HttpResponseRedirect(page, status=303)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, language)
        _remember_for_mail(request.user, language)
    if "theme" in request.POST:
        chosen = request.POST["theme"]
        _remember(request, response, THEME_COOKIE, chosen if chosen in THEMES else "")
    if "text" in request.POST:
        _remember(request, response, TEXT_COOKIE, LARGE if request.POST["text"] == LARGE else "")
    if "keys" in request.POST:
        _remember(request, response, KEYS_COOKIE, OFF if request.POST["keys"] == OFF else "")
    return response


def _remember_for_mail(user, language):
    if user.is_authenticated and user.language != language:
        user.language = language
        user.save(update_fields=["language"])


def _remember(request, response, cookie, value):
    if not value:
        response.delete_cookie(cookie, samesite="Lax")
        return
    response.set_cookie(
        cookie, value, max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
