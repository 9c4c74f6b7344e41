"""Errors as programs read them (RFC 9457)."""

from http import HTTPStatus

from django.http import JsonResponse

PREFIX = "/api/"
TYPE = "application/problem+json"


def problem(request, status: int, title: str, detail: str = "", **more) -> JsonResponse:
    """Return an error with a stable type, the status, and the id that the log has."""
    name = HTTPStatus(status).name.lower().replace("_", "-")
    facts = {"type": f"urn:portal:problem:{name}", "title": title, "status": status}
    if detail:
        facts["detail"] = detail
    if request_id := getattr(request, "id", ""):
        facts["instance"] = f"urn:request:{request_id}"
    answer = JsonResponse(facts | more, status=status, content_type=TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    answer["Cache-Control"] = "no-store"
    return answer


def is_api(request) -> bool:
    """Tell whether a program asks, not a person's browser."""
    return request.path.startswith(PREFIX)


class ProblemMiddleware:
    """Answer programs in their own words, whatever part of the portal refuses."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if is_api(request) and answer.status_code >= HTTPStatus.BAD_REQUEST:
            if answer.get("Content-Type", "").startswith(TYPE):
                return answer
            return problem(request, answer.status_code, HTTPStatus(answer.status_code).phrase)
        return answer
